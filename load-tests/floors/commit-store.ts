import postgres from "postgres";

/** Commits what is given to it, as much at once as came while the last commit was under way. */
export interface GroupCommit {
  /** Resolves when it is durable. */
  commit(text: string): Promise<void>;
}

/** Opens a table of the floor's own. */
export async function openGroupCommit(databaseUrl: string): Promise<GroupCommit> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  await sql`CREATE TABLE IF NOT EXISTS load_floor (id bigserial PRIMARY KEY, content text NOT NULL)`;
  let waiting: { readonly text: string; readonly done: () => void }[] = [];
  let isBusy = false;
  const work = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await sql`INSERT INTO load_floor (content) SELECT unnest(${batch.map(({ text }) => text)}::text[])`;
      for (const { done } of batch) done();
    }
    isBusy = false;
  };
  return {
    commit: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ text, done: resolve });
        if (!isBusy) work().catch(reject);
      }),
  };
}
