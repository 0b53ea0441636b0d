// What the page asks the ledger, and how it may fail. Answers are believed by nobody here: checking.js verifies.

const ANSWER_MS_MAX = 20_000; // longer than a slow phone needs, shorter than patience

// Nobody answered, or answered nonsense on the way: nothing is known of the record.
export class UnreachableError extends Error {}

// The ledger said no: `kind` is the stable name of its problem.
export class RefusedError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
    this.kind = String(problem.type ?? "").split("#problem-").pop();
  }
}

export class Source {
  // `base` is the ledger's address, as "/commons".
  constructor(base) {
    this.base = base;
  }

  async ask(path, options = {}) {
    let answer;
    try {
      answer = await fetch(this.base + path, {
        cache: "no-store",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
        ...options,
      });
    } catch (error) {
      throw new UnreachableError(error.message);
    }
    if (answer.ok) return answer;
    if (answer.status >= 500 || answer.status === 429) throw new UnreachableError(String(answer.status));
    throw new RefusedError(answer.status, await answer.json().catch(() => ({})));
  }

  async json(path) {
    const text = await this.text(path);
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UnreachableError(`not JSON: ${path}`);
    }
  }

  async text(path) {
    return this.read(await this.ask(path), "text");
  }

  async bytes(path, headers = {}) {
    return new Uint8Array(await this.read(await this.ask(path, { headers }), "arrayBuffer"));
  }

  // Sends bytes or a text; the answer as JSON.
  async post(path, body, type) {
    const answer = await this.ask(path, { method: "POST", body, headers: { "Content-Type": type } });
    return this.read(answer, "json");
  }

  async read(answer, how) {
    try {
      return await answer[how]();
    } catch (error) {
      throw new UnreachableError(error.message); // cut off on the way
    }
  }
}
