import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Conversation } from "../../src/sources/conversation.ts";
import { Git } from "../../src/sources/git.ts";
import { TemporaryRepository } from "./repository.ts";

describe("a conversation with git", () => {
  let repository: TemporaryRepository;
  let git: Git;
  beforeEach(async () => {
    repository = new TemporaryRepository();
    git = await Git.open(repository.root);
  });
  afterEach(() => repository.remove());

  const store = (content: string | Buffer): string =>
    repository.gitWith({ input: content }, "hash-object", "-w", "--stdin").trim();

  test("answers in the order of the questions, whatever stands in the answers", async () => {
    const contents = ["", "\n", "end-0 missing\n", "a".repeat(300_000), "\0\0", "last"];
    const names = contents.map(store);
    const conversation = new Conversation(git, ["cat-file", "--batch"], " missing");
    const answers = await Promise.all(names.map((name) => conversation.ask(name)));
    expect(answers.map(({ bytes }) => bytes.toString("latin1"))).toEqual(
      contents.map((content, index) => `${names[index]} blob ${content.length}\n${content}\n`),
    );
    conversation.end();
    expect((await conversation.ask(names[5] as string)).bytes.toString()).toContain("last");
  });

  test("an answer above the limit says that it is not complete, and the next one is whole", async () => {
    const large = store(Buffer.alloc(40 * 1024 * 1024, "x"));
    const small = store("small");
    const conversation = new Conversation(git, ["cat-file", "--batch"], " missing");
    const [first, second] = await Promise.all([conversation.ask(large), conversation.ask(small)]);
    expect(first?.complete).toBe(false);
    expect(second).toEqual({ bytes: Buffer.from(`${small} blob 5\nsmall\n`), complete: true });
    conversation.end();
  });

  test("a git that gives up is an error with its words, and a signal is ABORTED", async () => {
    const conversation = new Conversation(git, ["cat-file", "--nonsense"], " missing");
    await expect(conversation.ask("HEAD")).rejects.toMatchObject({ code: "NOT_A_REPOSITORY" });
    await expect(conversation.ask("HEAD")).rejects.toThrow("nonsense");
    const controller = new AbortController();
    const watched = await Git.open(repository.root, controller.signal);
    const other = new Conversation(watched, ["cat-file", "--batch"], " missing");
    const name = store("text");
    await other.ask(name);
    controller.abort();
    await expect(other.ask(name)).rejects.toMatchObject({ code: "ABORTED" });
  });
});
