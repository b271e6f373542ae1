import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { redactSecrets } from "../../src/sources/redact.ts";

/** Tokens are put together here, so that no scanner mistakes this file for a leak. */
const letters = (count: number) => "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ".repeat(9).slice(0, count);
const upper = (count: number) => "A2B3C4D5E6F7G2H3".repeat(2).slice(0, count);
const KEY_BODY = `${letters(64)}\n${letters(64)}\n${letters(20)}==`;
const BEGIN = ["-----BEGIN", "RSA PRIVATE KEY-----"].join(" ");
const END = ["-----END", "RSA PRIVATE KEY-----"].join(" ");

describe("secrets that are recognised", () => {
  test.each([
    ["aws-key", `AKIA${upper(16)}`],
    ["github-token", `ghp_${letters(36)}`],
    ["github-token", `github_pat_${letters(60)}`],
    ["gitlab-token", `glpat-${letters(20)}`],
    ["slack-token", `xoxb-${"123456789012-"}${letters(24)}`],
    ["slack-webhook", `hooks.slack.com/services/T0000/B0000/${letters(24)}`],
    ["stripe-key", `sk_live_${letters(24)}`],
    ["google-key", `AIza${letters(35)}`],
    ["npm-token", `npm_${letters(36)}`],
    ["pypi-token", `pypi-${letters(80)}`],
    ["huggingface-token", `hf_${letters(34)}`],
    ["api-key", `sk-ant-${letters(40)}`],
    ["jwt", `eyJ${letters(20)}.eyJ${letters(40)}.${letters(43)}`],
    ["private-key", `${BEGIN}\n${KEY_BODY}\n${END}`],
  ])("%s", (kind, token) => {
    const { text, count } = redactSecrets(`before ${token} after`);
    expect(text.replaceAll("\n", "")).toBe(`before [redacted:${kind}] after`);
    expect(count).toBe(1);
  });

  test.each([
    [`postgres://app:s3cr3t@db/app`, "postgres://app:[redacted:url-password]@db/app"],
    [`Authorization: Bearer ${letters(32)}`, "Authorization: Bearer [redacted:bearer]"],
    [`//registry.example/:_authToken=${letters(36)}`, "//registry.example/:_authToken=[redacted:npm-token]"],
    [`AccountKey=${letters(86)}==;`, "AccountKey=[redacted:azure-key];"],
    [`const password = "hunter22x9";`, `const password = "[redacted:secret]";`],
    [`"api_key": "0c9f2b7e81d64a35"`, `"api_key": "[redacted:secret]"`],
    [`settings['dbPassword'] = 'p4ssw0rd!'`, `settings['dbPassword'] = '[redacted:secret]'`],
    [`export DB_PASSWORD=Tr0ub4dor3`, "export DB_PASSWORD=[redacted:secret]"],
    [`SMTP_PASS=Tr0ub4dor3`, "SMTP_PASS=[redacted:secret]"],
    [`client_secret: ${letters(30)}`, "client_secret: [redacted:secret]"],
    [`SECRET_KEY=k8#vQ2!zPq9@`, "SECRET_KEY=[redacted:secret]"],
  ])("%s", (text, expected) => expect(redactSecrets(text)).toEqual({ text: expected, count: 1 }));

  test("a private key keeps its line breaks, with or without its last line, and in a string", () => {
    for (const key of [`${BEGIN}\n${KEY_BODY}\n${END}\nend`, `${BEGIN}\n${KEY_BODY}\n\nend of it.`]) {
      const { text, count } = redactSecrets(`a\n${key}`);
      expect(count).toBe(1);
      expect(text.split("\n").length).toBe(`a\n${key}`.split("\n").length);
      expect(text).not.toContain(letters(20));
      expect(text).toContain("end");
    }
    const escaped = `"${BEGIN}\\n${KEY_BODY.replaceAll("\n", "\\n")}\\n${END}\\n"`;
    expect(redactSecrets(escaped)).toEqual({ text: '"[redacted:private-key]\\n"', count: 1 });
  });
});

describe("what only looks like one", () => {
  test.each([
    "const token = await nextToken(stream);",
    "token: string;",
    "tokenizer: all-minilm-l6-v2-tokenizer",
    "max_tokens = 512",
    "password = config.auth.password2",
    'password: "correct horse battery staple"',
    'const SECRET_NAME = "credentials";',
    `password: $${"{{ secrets.DEPLOY_TOKEN_2 }}"}`,
    'apiKey: process.env.API_KEY_2 ?? ""',
    'token: "<your-token-1234>"',
    "export function tokenize(text: string): Uint32Array {",
    "accessKey = parseAccessKeyVersion2",
    `const begin = "${BEGIN}"; const end = "${END}";`,
    "git@github.com:owner/repository.git",
    "https://example.org/a:b/c@d",
    "sha256 = 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "bearer of bad news, basic authentication",
    "second_pass = runSecondPass2(state)",
  ])("%s", (text) => expect(redactSecrets(text)).toEqual({ text, count: 0 }));
});

describe("any text", () => {
  test("twice is once, and lines stay where they are", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 12, unit: "binary" }),
      fc.constantFrom(
        BEGIN,
        END,
        "password=",
        'secret: "',
        '"',
        "\n",
        "Bearer ",
        "://a:",
        "@",
        letters(40),
        ":_auth=",
      ),
      fc.constantFrom(
        `ghp_${letters(36)}`,
        `AKIA${upper(16)}`,
        `eyJ${letters(9)}.eyJ${letters(9)}.${letters(9)}`,
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const before = pieces.join("");
        const once = redactSecrets(before);
        expect(redactSecrets(once.text)).toEqual({ text: once.text, count: 0 });
        expect(once.text.split("\n").length).toBe(before.split("\n").length);
      }),
      { numRuns: 1500 },
    );
  });

  test.each([
    ["words", "secret token password ".repeat(50_000)],
    ["openings", `${BEGIN}\n`.repeat(25_000)],
    ["one token without end", `eyJ${"a".repeat(500_000)}.eyJ${"a".repeat(500_000)}`],
    ["colons", "a://b:".repeat(150_000)],
    ["equals", "password=".repeat(110_000)],
  ])("a megabyte of %s takes no time", (_name, text) => {
    // Time that grows with the square of a megabyte does not end within a test's limit.
    expect(redactSecrets(text).text).not.toBe("");
  });
});
