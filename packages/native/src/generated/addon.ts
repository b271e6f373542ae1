/** Declarations of the native addon, generated from crates/patina-node by scripts/build-addon.ts. */

/** Aborts the calls it was given to. */
export declare class NativeAbort {
  /** A handle that has not been used. */
  constructor()
  /** Asks the calls to end with `ABORTED`. */
  abort(): void
}

/** A model on its runtime. `open` loads it; after `close` calls fail with `CLOSED`. */
export declare class NativeEngine {
  /** An engine that has yet to be opened. */
  constructor()
  /** Loads the model on a thread of its own. */
  open(spec: ModelSpec, options: NativeEngineOptions): Promise<OpenOutcome>
  /** The identity of the encoder; empty unless the engine is open. */
  get encoderId(): string
  /** What kept the model from loading as it should and is no error. */
  get warnings(): Array<string>
  /** Embeds texts; `on_progress` gets the number of texts that are done. */
  embedBatch(texts: Array<string>, options: NativeEmbedOptions, abort?: NativeAbort | undefined | null, onProgress?: (((arg: number) => void)) | undefined | null): Promise<EmbedOutcome>
  /** Counts the tokens of texts as they are, on threads of its own. */
  countTokens(texts: Array<string>): Promise<CountOutcome>
  /** Fails what is running with `CLOSED`; resolves when the engine's threads have ended. */
  close(): Promise<void>
}

/** An index on the disk. It is open from `open` to `close`. */
export declare class NativeFullTextIndex {
  /** An index that has yet to be opened. */
  constructor()
  /** Maps the file and checks its table. */
  open(path: string): FullTextOpenOutcome
  /** The words of a query and the parts of its identifiers. */
  words(query: string): FullTextWords
  /** The best `k` of the passages that have any of the words and are allowed. */
  search(words: Array<string>, k: number, allowed?: Uint8Array | undefined | null): FullTextMatches
  /** The best `k` of the passages that have any of the phrases in their body and are allowed. */
  searchPhrases(phrases: Array<string>, k: number, allowed?: Uint8Array | undefined | null): FullTextMatches
  /** Whether a row has every word of a text. */
  hasWords(row: number, text: string): FullTextAnswer
  /** Lets the file go. */
  close(): void
}

/** An index in the making, from `open` to `finish`. */
export declare class NativeFullTextWriter {
  /** An index that has yet to be begun. */
  constructor()
  /** Begins a new file, with the passages of `base` but for the removed rows. */
  open(path: string, base: string | undefined | null, removed: Uint32Array): IndexOutcome
  /** Adds passages by ascending rows, each with its heading and its body, on a thread of its own. */
  add(rows: Uint32Array, headings: Array<string>, bodies: Array<string>): Promise<IndexOutcome>
  /** Writes the file on a thread of its own. */
  finish(rows: number): Promise<IndexOutcome>
  /** Forgets all of it; nothing after `finish`. */
  abandon(): void
}

/** Words of a query, looked for in texts. */
export declare class NativeQueryTerms {
  /** Words as `NativeFullTextIndex.words` gives them. */
  constructor(words: Array<string>)
  /** For each occurrence in a text, ascending: where it starts, where it ends (UTF-16 units), and which of the words it is. */
  find(text: string): Uint32Array
}

/** An index on the disk. It is open from `open` to `close`. */
export declare class NativeVectorIndex {
  /** An index that has yet to be opened. */
  constructor()
  /** Maps the files; their content is not looked at. */
  open(files: NativeIndexFiles): IndexOutcome
  /** The best `k` of the rows that are allowed. */
  search(query: Float32Array, k: number, allowed?: Uint8Array | undefined | null): Promise<SearchOutcome>
  /** The same while JavaScript waits. */
  searchSync(query: Float32Array, k: number, allowed?: Uint8Array | undefined | null): SearchOutcome
  /** The dot product of each of the rows with the query. */
  score(query: Float32Array, rows: Uint32Array): Promise<NumbersOutcome>
  /** A row's vector. */
  vector(row: number): NumbersOutcome
  /** Lets the files go, once the searches under way have ended. */
  close(): void
}

/** Chooses a runtime for this machine among those the model has files for. Of `others` an error names what would fit. */
export declare function chooseNativeRuntime(request: 'auto' | 'onnx' | 'mlx', offers: Array<NativeOffer>, others: Array<NativeOffer>): RuntimeOutcome

/** The end of a comparison: what was found, or the error. */
export interface CompareOutcome {
  /** Set where the runs could not be compared. */
  error?: NativeError
  /** Set where they could. */
  comparison?: NativeComparison
}

/** Compares the values of two runs, where the same index belongs to the same query. */
export declare function compareScores(a: Float64Array, b: Float64Array, options: NativeCompareOptions): Promise<CompareOutcome>

/** Cosine of the angle between two vectors of equal length. */
export declare function cosine(left: Float32Array, right: Float32Array): number

/** The end of a count: tokens of each text, or the error. */
export interface CountOutcome {
  /** Set where there is no count. */
  error?: NativeError
  /** `[texts]` */
  tokens?: Uint32Array
}

/** The end of a cut: the pieces, or the error. */
export interface CutOutcome {
  /** Set where the text could not be cut. */
  error?: NativeError
  /** In the order of the text. */
  pieces: Array<NativePiece>
}

/** Cuts a text into pieces. */
export declare function cutPassages(cut: NativeCut): Promise<CutOutcome>

/** Looks into the ONNX file at `path`; its weights are not read. */
export declare function describeOnnx(path: string): Promise<DescribeOutcome>

/** The end of a look into an ONNX file: what it is, or the error. */
export interface DescribeOutcome {
  /** Set where the file could not be looked into. */
  error?: NativeError
  /** What it computes in; absent for what the registry has no word for. */
  numerics?: 'float32' | 'float16' | 'bfloat16' | 'int8-dynamic' | 'int8-weights' | 'nbits'
  /** Files that hold tensors of it: paths from its folder, as it gives them. */
  dataFiles: Array<string>
}

/** Sum of the products of two vectors of equal length. */
export declare function dot(left: Float32Array, right: Float32Array): number

/** The end of a call: vectors, or the error. */
export interface EmbedOutcome {
  /** Set where there are no vectors. */
  error?: NativeError
  /** Row-major `[rows × dimension]`. */
  data?: Float32Array
  /** Tokens of each text. */
  tokens?: Uint32Array
  /** 1 where a text was cut. */
  truncated?: Uint8Array
  /** Special tokens that each text spelled out. */
  specialTokens?: Uint32Array
  /** Numbers in a vector. */
  dimension: number
}

/** The end of a question that is answered by yes or no. */
export interface FullTextAnswer {
  /** Set where it failed. */
  error?: NativeError
  /** The answer. */
  yes: boolean
}

/** The end of a search: what was found, or the error. */
export interface FullTextMatches {
  /** Set where it failed. */
  error?: NativeError
  /** `[found]`, best first. */
  rows?: Uint32Array
  /** `[found]` */
  scores?: Float64Array
}

/** The end of opening an index. */
export interface FullTextOpenOutcome {
  /** Set where it failed. */
  error?: NativeError
  /** Rows, those without a passage among them. */
  rows: number
  /** Passages. */
  passages: number
  /** Of all that the file holds. */
  checksum: number
}

/** The words of a query, or the error. */
export interface FullTextWords {
  /** Set where it failed. */
  error?: NativeError
  /** In lower case, in the query's order. */
  words: Array<string>
  /** How many passages have each. */
  passages?: Uint32Array
}

/** Which version of what a word is this addon has. */
export declare function fullTextWordsVersion(): number

/** The end of a call that gives no value. */
export interface IndexOutcome {
  /** Set where it failed. */
  error?: NativeError
}

/**
 * Lets at most `count` worker threads of this process compute at once, over all engines; 0 changes nothing. Returns how
 * many may.
 */
export declare function limitThreads(count: number): number

/** A file of a model. */
export interface ModelFile {
  /** What it is for. */
  role: 'tokenizer' | 'config' | 'weights' | 'external-data' | 'other'
  /** Where it is, absolute. */
  path: string
  /** SHA-256 of its bytes, 64 lower-case hexadecimal digits. */
  sha256: string
}

/** A resolved model: facts from the registry, with files that are on this disk and verified. */
export interface ModelSpec {
  /** The registry's key (`e5-base-v2`). */
  key: string
  /** The name for people (`E5-base-v2`). */
  name: string
  /** The family of the graph. */
  architecture: 'bert' | 'xlm-roberta' | 'nomic-bert' | 'qwen3'
  /** Numbers in a full vector. */
  dimension: number
  /** The least dimension a vector may be cut to; only where the model is trained for cutting (MRL). */
  minDimension?: number
  /** Tokens a text may have, special tokens included. */
  maxTokens: number
  /** How token vectors become one. */
  pooling: 'mean' | 'cls' | 'last'
  /** Whether vectors are brought to unit length. */
  normalize: boolean
  /** Put around a query; `{text}` and, where the model takes one, `{task}`. */
  queryTemplate?: string
  /** Put around a passage; `{text}`. */
  passageTemplate?: string
  /** Fills `{task}` where a call gives none. */
  defaultTask?: string
  /** Which numbers the weights are in (`fp32`, `int8`). */
  variant: string
  /** Which runtime these files are for. */
  runtime: 'onnx' | 'mlx'
  /** The files. */
  files: Array<ModelFile>
}

/** A call. */
export interface NativeCall {
  /** The last name of what is called. */
  callee: string
  /** The line, from 1. */
  line: number
  /** Index of the innermost definition that holds it. */
  within?: number
}

/** How two runs are compared; what is absent is as the core has it. */
export interface NativeCompareOptions {
  /** Decides every random number: a whole number from 0. */
  seed?: number
  /** Samples of the bootstrap and of the test. */
  resamples?: number
  /** The share of intervals that hold the true mean. */
  confidence?: number
  /** How the interval's bounds are read. */
  method?: 'percentile' | 'bca'
}

/** What the comparison of two runs found. */
export interface NativeComparison {
  /** How many queries were compared. */
  pairs: number
  /** Of the first run less the second. */
  meanDifference: number
  /** Lower bound of the interval. */
  low: number
  /** Upper bound of the interval. */
  high: number
  /** The share of intervals that hold the true mean. */
  confidence: number
  /** How the bounds were read. */
  method: 'percentile' | 'bca'
  /** Of the two-sided randomisation test. */
  pValue: number
  /** The p-value is a multiple of this, and never below it. */
  resolution: number
  /** Whether all choices of signs were looked at. */
  exact: boolean
}

/** A text to be cut. */
export interface NativeCut {
  /** Of the file: its ending tells how it is cut. */
  path: string
  /** A note is Markdown, whatever its ending. */
  isNote: boolean
  /** The text. */
  text: string
  /** `[lines]` */
  costs: Uint32Array
  /** What a piece may cost. */
  budget: number
  /** Whether small definitions share a piece with their neighbours. */
  merge: boolean
}

/** Something that a text defines. */
export interface NativeDefinition {
  /** What it is. */
  kind: 'function' | 'method' | 'class' | 'struct' | 'enum' | 'interface' | 'trait' | 'impl' | 'type' | 'module' | 'macro' | 'constant'
  /** Its name. */
  name: string
  /** The names around it, outermost first. */
  trail: Array<string>
  /** First line, from 1. */
  startLine: number
  /** Last line, inclusive. */
  endLine: number
  /** Where it starts in the text, in UTF-16 units. */
  start: number
  /** Where it ends. */
  end: number
  /** What its documentation says. */
  doc: string
}

/** Options of a call; what is left out takes the engine's default. */
export interface NativeEmbedOptions {
  /** Which template goes around each text. */
  kind?: 'raw' | 'query' | 'passage'
  /** Fills `{task}`. */
  task?: string
  /** Keeps the first numbers of each vector. */
  dimension?: number
}

/** What an engine is opened with; what is left out takes the engine's default. */
export interface NativeEngineOptions {
  /** Special tokens spelled out in texts. */
  specialTokens?: 'follow' | 'neutralize'
  /** How texts share runs. */
  batching?: 'auto' | 'exact' | 'batched'
  /** Worker threads. */
  threads?: number
  /** Bytes that running batches may take together. */
  memory?: number
  /** A folder for optimised graphs. */
  graphCache?: string
  /** ONNX Runtime's shared library. */
  onnxLibrary?: string
}

/** An error on its way to JavaScript, where it becomes a `PatinaError`. */
export interface NativeError {
  /** `PatinaError.code` */
  code: string
  /** What happened and what to do next. */
  message: string
  /** The file at fault. */
  file?: string
  /** Which of the given texts is at fault, from 0. */
  index?: number
}

/** The facts of this machine and build. */
export declare function nativeFacts(): NativeFacts

/** Facts that decide the runtime, and versions. */
export interface NativeFacts {
  /** `macos`, `linux`, `windows`. */
  os: string
  /** What this process is made for: `x86_64`, `aarch64`. */
  arch: string
  /** macOS on an ARM processor, and a process of that kind. */
  appleSilicon: boolean
  /** An x86-64 process that Rosetta translates. */
  rosetta: boolean
  /** Bytes of physical memory, or of what the container may take of it. */
  memory?: number
  /** Bytes that the GPU may hold, where the owner of a Mac has set it. */
  gpuLimit?: number
  /** Linux with the driver of an NVIDIA GPU. */
  nvidia: boolean
  /** This build has the MLX engine. */
  mlxBuilt: boolean
  /** This build has the ONNX engine. */
  onnxBuilt: boolean
  /** Version of the addon. */
  addonVersion: string
  /** Version of the ONNX Runtime that is loaded, once an engine has been opened or the library was asked for. */
  onnxruntimeVersion?: string
  /** What the processor has of the instructions that matter to speed, as far as the operating system tells. */
  cpuFeatures: Array<string>
}

/** Something that a text takes from another place. */
export interface NativeImport {
  /** Where from. */
  module: string
  /** What is taken. */
  names: Array<string>
  /** The line, from 1. */
  line: number
}

/** Where an index's files are, and how many vectors of how many numbers they hold. */
export interface NativeIndexFiles {
  /** `[rows × dimension]` float32, row-major, each row of unit length or all zeros. */
  floats: string
  /** What was made of it. */
  codes: string
  /** Vectors. */
  rows: number
  /** Numbers in each. */
  dimension: number
}

/** What was judged for one query. */
export interface NativeJudged {
  /** The query's id. */
  query: string
  /** `[judged]`, ids, in any order. */
  documents: Array<string>
  /** `[judged]` */
  grades: Int32Array
}

/** The values of one metric. */
export interface NativeMetricScores {
  /** As it was asked for. */
  metric: string
  /** Of `values`. */
  mean: number
  /** `[queries]` */
  values: Float64Array
}

/** One set of a model's files, as far as the choice of a runtime looks at it. */
export interface NativeOffer {
  /** The model's key; empty where a runtime is asked about and no model. */
  model: string
  /** The variant; empty with the model. */
  variant: string
  /** What the files are for. */
  runtime: 'onnx' | 'mlx'
  /** Bytes of the weights, external data included; absent where they are not known. */
  weights?: number
}

/** What a text is made of. */
export interface NativeOutline {
  /** The language it was read as. */
  language: string
  /** What is around others comes before them. */
  definitions: Array<NativeDefinition>
  /** In the order of the text. */
  imports: Array<NativeImport>
  /** In the order of the text. */
  calls: Array<NativeCall>
  /** Whether some of the text did not parse. */
  broken: boolean
}

/** Lines that belong together. */
export interface NativePiece {
  /** First line, from 1. */
  startLine: number
  /** Last line, inclusive. */
  endLine: number
  /** Lines at the start that the piece before ends with. */
  overlap: number
  /** The lines, or a part of one that is too long. */
  text: string
  /** Definitions it is a part of or has the start of. */
  symbols: Array<string>
  /** Headings it is under. */
  headings: Array<string>
  /** What it was cut along. */
  by: 'definitions' | 'headings' | 'paragraphs' | 'lines'
}

/** What a search found for one query. */
export interface NativeRanking {
  /** The query's id. */
  query: string
  /** `[found]`, ids, in any order. */
  documents: Array<string>
  /** `[found]` */
  scores: Float64Array
}

/** A set of files that does not fit into memory. */
export interface NativeTooLarge {
  /** The variant. */
  variant: string
  /** What it is for. */
  runtime: 'onnx' | 'mlx'
  /** What it needs and what there is. */
  reason: string
}

/** Brings a vector to unit length, in place. */
export declare function normalize(vector: Float32Array): void

/** The end of a call that gives numbers. */
export interface NumbersOutcome {
  /** Set where it failed. */
  error?: NativeError
  /** The numbers. */
  numbers?: Float32Array
}

/** The end of a call that gives no value. */
export interface OpenOutcome {
  /** Set where the engine could not be opened. */
  error?: NativeError
}

/** Takes a text apart by the grammar of its path's language. */
export declare function outlineOf(path: string, text: string): Promise<OutlineOutcome>

/** The end of a look into a text: the outline, nothing where no grammar knows the language, or the error. */
export interface OutlineOutcome {
  /** Set where the text could not be parsed. */
  error?: NativeError
  /** Absent for a language without a grammar. */
  outline?: NativeOutline
}

/**
 * Writes the float32 model in `source` to `target` in dynamic int8; `on_progress` gets the share that is written, 0 to 1.
 * Without `reduce_range` the processor decides.
 */
export declare function quantizeOnnx(source: string, target: string, reduceRange?: boolean | undefined | null, abort?: NativeAbort | undefined | null, onProgress?: (((arg: number) => void)) | undefined | null): Promise<QuantizeOutcome>

/** The end of a quantising: what was written, or the error. */
export interface QuantizeOutcome {
  /** Set where nothing was written. */
  error?: NativeError
  /** Linear layers that compute in int8 now. */
  layers: number
  /** Whether weights are within ±64 for processors without VNNI. */
  reduceRange: boolean
  /** The files that were written: the graph and, for a large model, its data file. */
  files: Array<string>
}

/**
 * Writes weights and configuration of the model in `spec` into `folder`, quantised as MLX's tools do it; `on_progress`
 * gets the share that is written, 0 to 1. Needs no MLX. Without `group_size` groups are as those tools have them.
 */
export declare function quantizeSafetensors(spec: ModelSpec, folder: string, bits: number, groupSize?: number | undefined | null, abort?: NativeAbort | undefined | null, onProgress?: (((arg: number) => void)) | undefined | null): Promise<QuantizeSafetensorsOutcome>

/** The end of a quantising of safetensors: what was written, or the error. */
export interface QuantizeSafetensorsOutcome {
  /** Set where nothing was written. */
  error?: NativeError
  /** Linear layers and tables of vectors that are quantised now. */
  layers: number
  /** Weights of a row that share a scale and a bias. */
  groupSize: number
  /** Paths of those that are not, because no groups fill their columns. */
  kept: Array<string>
  /** The files that were written. */
  files: Array<WrittenFile>
}

/** A runtime and why it was chosen, or the error. */
export interface RuntimeOutcome {
  /** Set where no runtime can be had. */
  error?: NativeError
  /** The runtime to use. */
  runtime?: 'onnx' | 'mlx'
  /** Why, in the order in which it was decided. */
  reasons: Array<string>
  /** Sets of files for the runtime that must not be taken. */
  tooLarge: Array<NativeTooLarge>
}

/** The end of scoring a run: the scores, or the error. */
export interface ScoreOutcome {
  /** Set where it could not be scored. */
  error?: NativeError
  /** The judged queries, in the order of values. */
  queries: Array<string>
  /** In the order in which they were asked for. */
  metrics: Array<NativeMetricScores>
  /** Queries of the run that nobody judged. */
  unjudged: Array<string>
}

/** Scores a run by metrics such as `ndcg@10`. */
export declare function scoreRun(run: Array<NativeRanking>, judgements: Array<NativeJudged>, metrics: Array<string>): Promise<ScoreOutcome>

/** The end of a search: what was found, or the error. */
export interface SearchOutcome {
  /** Set where it failed. */
  error?: NativeError
  /** `[found]`, best first. */
  rows?: Uint32Array
  /** `[found]` */
  scores?: Float32Array
  /** Rows that were scored from their floats. */
  rescored: number
}

/** Fills `rows` and `scores` with the best rows of `matrix`, best first, and returns how many there are. */
export declare function topK(matrix: Float32Array, query: Float32Array, allowed: Uint8Array | undefined | null, rows: Uint32Array, scores: Float32Array): number

/** Writes the codes file, or brings it up to date where `changed` says which rows are not what they were. */
export declare function writeIndexCodes(files: NativeIndexFiles, changed?: Uint32Array | undefined | null): Promise<IndexOutcome>

/** A file of a model that was written. */
export interface WrittenFile {
  /** What it is for. */
  role: 'config' | 'weights' | 'other'
  /** Where it is, as the folder was given. */
  path: string
}
