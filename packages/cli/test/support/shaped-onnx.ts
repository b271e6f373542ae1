/**
 * ONNX files of a model's true dimension that hold next to nothing: each token's vector is its row of a random table.
 * Written field by field after onnx.proto (numbers of fields in brackets there).
 */

/** `[tokens, dimension]` in float32, the same numbers each time. */
export function tokenTable(tokens: number, dimension: number): Uint8Array {
  const table = new Float32Array(tokens * dimension);
  let state = 1;
  for (let index = 0; index < table.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    table[index] = state / 2 ** 32 - 0.5;
  }
  return new Uint8Array(table.buffer);
}

/** A graph from ids to hidden states over a table, which lies in the file or in `data` beside it. */
export function tableModel(tokens: number, dimension: number, data?: string): Uint8Array {
  const size = tokens * dimension * 4;
  const values =
    data === undefined
      ? [field(9, tokenTable(tokens, dimension))]
      : [
          ...[
            ["location", data],
            ["offset", "0"],
            ["length", `${size}`],
          ].map(([key = "", value = ""]) => field(13, [field(1, key), field(2, value)])),
          field(14, 1),
        ];
  const table = [field(1, tokens), field(1, dimension), field(2, FLOAT), field(8, "table"), ...values];
  const gather = [
    field(1, "table"),
    field(1, "input_ids"),
    field(2, "last_hidden_state"),
    field(4, "Gather"),
  ];
  const graph = [
    field(1, gather),
    field(2, "table"),
    field(5, table),
    field(11, tensor("input_ids", INT64, ["batch", "length"])),
    field(11, tensor("attention_mask", INT64, ["batch", "length"])),
    field(12, tensor("last_hidden_state", FLOAT, ["batch", "length", dimension])),
  ];
  return Buffer.concat([field(1, 8), field(7, graph), field(8, [field(2, 17)])]);
}

const FLOAT = 1;
const INT64 = 7;

function tensor(name: string, type: number, shape: readonly (string | number)[]): Uint8Array[] {
  const dimensions = shape.map((size) =>
    field(1, [typeof size === "number" ? field(1, size) : field(2, size)]),
  );
  return [field(1, name), field(2, [field(1, [field(1, type), field(2, dimensions)])])];
}

/** One field of a message: a whole number, or bytes with their length. */
function field(number: number, value: number | string | Uint8Array | readonly Uint8Array[]): Uint8Array {
  if (typeof value === "number") return Buffer.concat([varint(number << 3), varint(value)]);
  const bytes =
    typeof value === "string" || value instanceof Uint8Array ? Buffer.from(value) : Buffer.concat(value);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) return Uint8Array.from(bytes);
  }
}
