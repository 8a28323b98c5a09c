import type { DeviceKey } from "./device-key.ts";

/** What a phone keeps between two visits. */
export interface KeptPhone {
  readonly key: DeviceKey;
  readonly credentialId: string;
  readonly token: string;
  /** When the token ends, by the hub's time. */
  readonly expiresAt: string;
  /** The hotline's number as the hub told it last; kept, for it is called when no hub answers. */
  readonly hotlinePhone?: string;
}

/** Where a phone keeps itself: one phone a browser. */
export interface PhoneStore {
  load(): Promise<KeptPhone | undefined>;
  save(phone: KeptPhone): Promise<void>;
  forget(): Promise<void>;
}

const NAME = "portner-phone";
const STORE = "phone";
const ONLY = 1;

/** Keeps the phone in the browser's database, the one place that takes a key without reading it. */
export function openPhoneStore(factory: IDBFactory): PhoneStore {
  const within = async <Value>(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest<Value>,
  ): Promise<Value> => {
    const database = await opened(factory);
    try {
      return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  };
  return {
    load: async () => {
      const kept: unknown = await within("readonly", (store) => store.get(ONLY));
      return isKept(kept) ? kept : undefined;
    },
    save: async (phone) => void (await within("readwrite", (store) => store.put(phone, ONLY))),
    forget: async () => void (await within("readwrite", (store) => store.delete(ONLY))),
  };
}

function opened(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(NAME, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE));
  return settled(request);
}

function settled<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new DOMException("the browser keeps nothing")));
  });
}

// Only this page writes there; an older version may have written another shape.
function isKept(value: unknown): value is KeptPhone {
  return typeof value === "object" && value !== null && "key" in value && "token" in value && "credentialId" in value;
}
