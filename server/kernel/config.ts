import { createPrivateKey, X509Certificate } from "node:crypto";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { LOG_LEVELS } from "./log.ts";

/** Where the hub listens unless told otherwise. */
const PORT_DEFAULT = 4610;

/** A decimal number as people write it; `Number` alone takes `0x10` and `1e3`, too. */
const number = (form: RegExp, { min, max, sentence }: { min: number; max: number; sentence: string }) =>
  z
    .string()
    .refine((text) => form.test(text) && Number(text) >= min && Number(text) <= max, sentence)
    .transform(Number);
const port = number(/^\d{1,5}$/, { min: 0, max: 65_535, sentence: "must be a whole number from 0 to 65535" });
const factor = number(/^\d{1,4}(\.\d{1,6})?$/, {
  min: 0.1,
  max: 1_000,
  sentence: "must be a number from 0.1 to 1000, such as 2 or 0.5",
});
const flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");
const url = (protocols: string, example: string) =>
  z.string().refine((text) => URL.canParse(text) && new RegExp(`^(${protocols}):$`).test(new URL(text).protocol), {
    message: `must be an address such as ${example}`,
  });
const secret = z.string().min(32, "must have at least 32 characters");
const isOrigin = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
const origins = z
  .string()
  .transform((list) => list.split(",").flatMap((origin) => origin.trim() || []))
  .refine((all) => all.every(isOrigin), "must be origins such as https://drift.example, separated by commas");

/** Every setting of the hub, by its environment variable. This file alone reads the environment. */
const Settings = z.object({
  /** External Postgres; the embedded one where absent (demo only). */
  DATABASE_URL: url("postgres|postgresql", "postgres://user:secret@host/portner").optional(),
  /** External broker; the embedded one where absent (demo only). `mqtts` unless on loopback. */
  MQTT_URL: url("mqtt|mqtts", "mqtts://broker.example:8883").optional(),
  /** The hub's user name and client id at the broker, its own in each process. */
  MQTT_USER: z
    .string()
    .regex(/^[a-z0-9-]{8,36}$/, "must be 8 to 36 lower-case letters, digits or hyphens")
    .default("portner-hub"),
  MQTT_SECRET: secret.optional(),
  /** PEM file of the authority behind the broker's certificate. */
  MQTT_CA_FILE: z.string().optional(),
  /** The broker's address as locks reach it; the hub's own where absent. */
  MQTT_PUBLIC_URL: url("mqtt|mqtts", "mqtts://broker.example:8883").optional(),
  /** Folder of the broker's credentials: the embedded broker's file, or Mosquitto's files. */
  BROKER_FOLDER: z.string().optional(),
  /** 32 bytes in base64url: seals the tenants' keys in the database. */
  PORTNER_KEY: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "must be 32 bytes in base64url (43 characters)")
    .optional(),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: port.default(PORT_DEFAULT),
  /** Ports of the embedded parts; 0 picks a free one. */
  POSTGRES_PORT: port.default(0),
  BROKER_PORT: port.default(0),
  /** PEM files; with them the hub speaks https itself. */
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  /** Set to true when a proxy in front speaks https; the hub then believes its forwarded headers. */
  TRUST_PROXY: flag.default(false),
  /** Every caller's limits times this. */
  RATE_LIMIT_FACTOR: factor.default(1),
  /** Origins beside the hub's own that a browser may come from, separated by commas. */
  ALLOWED_ORIGINS: origins.default([]),
  MIGRATE_ON_BOOT: flag.default(true),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`).default("info"),
  /** Folder of the embedded parts and the demo. */
  PORTNER_HOME: z.string().default(".portner"),
});

/** The hub's settings, read and checked. */
export type Config = z.infer<typeof Settings>;

/** What is wrong with one variable. Never quotes its value: it may be a secret. */
export interface ConfigFault {
  readonly variable: string;
  readonly fault: string;
}

/** A configuration, or all its faults at once. */
export type ConfigResult =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/** What `serve` needs beside the defaults. */
export const SERVE_NEEDS = ["DATABASE_URL", "MQTT_URL", "MQTT_SECRET", "PORTNER_KEY", "BROKER_FOLDER"] as const;

/** What a command asks of its settings. */
export interface Demands {
  /** Settings that must be there. */
  readonly needed?: readonly (keyof Config)[];
  /** Whether the command opens the files that settings name; one that doesn't may run where it can't read them. */
  readonly opensFiles?: boolean;
}

/** Reads the settings of an environment; the process's own where none is given. Empty variables count as absent. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  { needed = [], opensFiles = false }: Demands = {},
): ConfigResult {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = Settings.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map(faultOf);
  const faulty = new Set(faults.map(({ variable }) => variable));
  // What is well-formed is judged together even when something else is not, so that one run shows every fault.
  const sound = Settings.safeParse(Object.fromEntries(Object.entries(given).filter(([name]) => !faulty.has(name))));
  if (sound.success) faults.push(...crossFaults(sound.data).filter(({ variable }) => !faulty.has(variable)));
  if (sound.success && opensFiles) faults.push(...fileFaults(sound.data));
  const missing = needed.filter((variable) => given[variable] === undefined);
  faults.push(...missing.map((variable) => ({ variable, fault: "is required" })));
  return parsed.success && faults.length === 0 ? { ok: true, config: parsed.data } : { ok: false, faults };
}

function faultOf(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): ConfigFault {
  return { variable: String(issue.path[0]), fault: issue.message };
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1|\[::1\])$/;

function crossFaults(config: Config): ConfigFault[] {
  const faults: ConfigFault[] = [];
  if ((config.TLS_CERT_FILE === undefined) !== (config.TLS_KEY_FILE === undefined)) {
    faults.push({ variable: "TLS_KEY_FILE", fault: "certificate and key come together" });
  }
  const secured = config.TLS_CERT_FILE !== undefined || config.TRUST_PROXY;
  if (!LOOPBACK.test(config.HOST) && !secured) {
    faults.push({
      variable: "HOST",
      fault: "beyond loopback needs TLS_CERT_FILE and TLS_KEY_FILE, or TRUST_PROXY=true",
    });
  }
  for (const variable of ["MQTT_URL", "MQTT_PUBLIC_URL"] as const) {
    const address = config[variable];
    if (address === undefined) continue;
    const { protocol, hostname } = new URL(address);
    if (protocol === "mqtt:" && !LOOPBACK.test(hostname)) {
      faults.push({ variable, fault: "beyond loopback must be mqtts" });
    }
  }
  return faults;
}

const FILES = [
  { variable: "MQTT_CA_FILE", holds: "certificate", parse: (pem: string) => new X509Certificate(pem) },
  { variable: "TLS_CERT_FILE", holds: "certificate", parse: (pem: string) => new X509Certificate(pem) },
  { variable: "TLS_KEY_FILE", holds: "private key without a passphrase", parse: createPrivateKey },
] as const;

/** What is wrong with the folder that the hub writes: a lock that it can't let in at the broker hangs on the wall for nothing. */
function folderFaults({ BROKER_FOLDER: folder }: Config): ConfigFault[] {
  if (folder === undefined) return [];
  let fault = "names no folder; `portner broker-config` makes it";
  try {
    if (statSync(folder).isDirectory()) {
      fault = "names a folder that this process may not read and write";
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      return [];
    }
  } catch {
    // What it lacks stands in the sentence.
  }
  return [{ variable: "BROKER_FOLDER", fault }];
}

/** What is wrong with the files that settings name; told at the start, and not by the first client. */
function fileFaults(config: Config): ConfigFault[] {
  const faults = folderFaults(config);
  const sound = new Map<string, string>();
  for (const { variable, holds, parse } of FILES) {
    const path = config[variable];
    if (path === undefined) continue;
    let fault = "names a file that can't be read";
    try {
      const pem = readFileSync(path, "utf8");
      fault = `names a file that holds no ${holds} (PEM)`;
      parse(pem);
      sound.set(variable, pem);
    } catch {
      faults.push({ variable, fault });
    }
  }
  const [certificate, key] = [sound.get("TLS_CERT_FILE"), sound.get("TLS_KEY_FILE")];
  if (certificate === undefined || key === undefined) return faults;
  const fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  return fits
    ? faults
    : [...faults, { variable: "TLS_KEY_FILE", fault: "is not the key of TLS_CERT_FILE's certificate" }];
}
