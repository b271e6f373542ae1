/** One slip in `registry.toml`: `from` becomes `to` where it first stands. */
export type Mistake = readonly [name: string, from: string, to: string, details: object, message: RegExp];

/** Slips that a schema sees: what the key may be and what it may hold. */
export const SLIPS: readonly Mistake[] = [
  [
    "an unknown key",
    'pooling = "mean"',
    'poolin = "mean"',
    { key: "poolin", suggestion: "pooling", column: 1 },
    /unknown key "poolin"/,
  ],
  [
    "an unknown choice",
    'pooling = "mean"',
    'pooling = "men"',
    { key: "pooling", suggestion: "mean" },
    /one of mean, cls, last/,
  ],
  [
    "an unknown kind of source",
    'kind = "hub"',
    'kind = "hob"',
    { key: "kind", suggestion: "hub", column: 14 },
    /one of hub, wheel, url, dir/,
  ],
  [
    "an unknown key of a source",
    "revision =",
    "revison =",
    { key: "revison", suggestion: "revision" },
    /unknown key "revison"/,
  ],
  [
    "a wrong type",
    "dimension = 768",
    'dimension = "768"',
    { key: "dimension" },
    /must be a number, not "768"/,
  ],
  [
    "a fraction",
    "max_tokens = 512",
    "max_tokens = 512.5",
    { key: "max_tokens" },
    /must be a whole number, not 512.5/,
  ],
  [
    "a missing key",
    'license = "MIT"\n',
    "",
    { key: "license" },
    /"license" is missing in models\."e5-base-v2"/,
  ],
  ["another version", "version = 1", "version = 2", { key: "version", line: 15 }, /must be 1/],
  [
    "a name JavaScript would swallow",
    "normalize = true",
    "constructor = true",
    { key: "constructor" },
    /unknown key "constructor"/,
  ],
  ["a digest that is none", 'sha256 = "be50', 'sha256 = "xx50', { key: "sha256" }, /64 lower-case hex/],
  [
    "a version that is a range",
    'version = "0.1.0"',
    'version = ">=0.1"',
    { key: "version" },
    /one exact version/,
  ],
  [
    "a package that is an option",
    'package = "gt-all',
    'package = "--gt-all',
    { key: "package" },
    /name of a package/,
  ],
  [
    "numerics there are none of",
    'numerics = "int8-weights"',
    'numerics = "int8-weight"',
    { key: "numerics", suggestion: "int8-weights" },
    /must be one of float32, .*nbits/,
  ],
  [
    "an unknown figure of a quality",
    "cosine_mean = 0.999452",
    "cosin_mean = 0.999452",
    { key: "cosin_mean", suggestion: "cosine_mean" },
    /unknown key "cosin_mean"/,
  ],
  [
    "a cosine that is none",
    "cosine_mean = 0.999452",
    "cosine_mean = 99.9",
    { key: "cosine_mean" },
    /must be 1 or less/,
  ],
  ["a score beyond any cosine", "0.7646", "1.7646", { key: "scores", column: 12 }, /must be 1 or less/],
  [
    "no tolerance at all",
    "tolerance = 0.001",
    "tolerance = 0",
    { key: "tolerance", column: 1 },
    /must be more than 0/,
  ],
  [
    "a tolerance for other numerics",
    "float16 = 0.005",
    "float61 = 0.005",
    { key: "float61", suggestion: "float16" },
    /unknown key "float61"/,
  ],
  [
    "a check without its source",
    'source = "the model card',
    'origin = "the model card',
    { key: "origin" },
    /unknown key "origin"/,
  ],
];

/** Slips between several keys, which a JSON Schema has no words for. */
export const CONTRADICTIONS: readonly Mistake[] = [
  [
    "a template without its text",
    '"query: {text}"',
    '"query: "',
    { key: "query_template" },
    /\{text\} exactly once/,
  ],
  [
    "a template with an unknown part",
    '"query: {text}"',
    '"{kind}: {text}"',
    { key: "query_template" },
    /holds \{kind\}/,
  ],
  ["a task nothing takes", "aliases = []", 'default_task = "x"', { key: "default_task" }, /no effect/],
  [
    "a path that leads out",
    'path = "tokenizer.json"',
    'path = "../tokenizer.json"',
    { key: "path" },
    /".." part/,
  ],
  [
    "a variant without weights",
    'role = "weights"',
    'role = "other"',
    { key: "variants" },
    /no file with the role "weights"/,
  ],
  [
    "an alias that is taken",
    'aliases = ["minilm"]',
    'aliases = ["e5-base-v2"]',
    { key: "aliases" },
    /already names/,
  ],
  [
    "a worst cosine above the mean",
    "cosine_min = 0.995632",
    "cosine_min = 0.9999",
    { key: "cosine_min" },
    /is above cosine_mean 0.999452/,
  ],
  [
    "a quality of nobody knows what",
    'numerics = "int8-weights"\n',
    "",
    { key: "quality", column: 1 },
    /quality needs numerics/,
  ],
  [
    "a check with a row too few",
    "[[0.7646, 0.1414], [0.1355, 0.6000]]",
    "[[0.7646, 0.1414]]",
    { key: "scores", column: 1 },
    /scores has 1 row for 2 queries/,
  ],
  [
    "a check with a score too many",
    "[0.1355, 0.6000]]",
    "[0.1355, 0.6000, 0.5]]",
    { key: "scores", column: 29 },
    /row 2 of scores has 3 scores for 2 documents/,
  ],
  [
    "coarser numerics held to less",
    "float16 = 0.005",
    "float16 = 0.0005",
    { key: "float16", column: 16 },
    /is below the 0.001 of float32/,
  ],
];

/** All of them, with what is said of each. */
export const MISTAKES: readonly Mistake[] = [...SLIPS, ...CONTRADICTIONS];
