//! How architectures name their tensors, and which of their modules MLX's tools quantise.

use crate::spec::Architecture;

/// The modules of an architecture that multiply by a matrix or take rows out of one.
struct Matrices {
    /// What stands before all names in some files and not in others: in those that hold more than the encoder, or that a
    /// conversion made.
    prefixes: &'static [&'static str],
    /// Modules that are there once.
    single: &'static [&'static str],
    /// What the path of a layer begins with; its number follows.
    stack: &'static str,
    /// Modules of each layer.
    layer: &'static [&'static str],
}

/// Position and token-type embeddings are a thousandth of a model and added to everything: they stay as they are.
const BERT: Matrices = Matrices {
    prefixes: &["bert.", "roberta.", "model."],
    single: &["embeddings.word_embeddings", "pooler.dense"],
    stack: "encoder.layer.",
    layer: &[
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "intermediate.dense",
        "output.dense",
    ],
};

const QWEN3: Matrices = Matrices {
    prefixes: &["model."],
    single: &["embed_tokens", "lm_head"],
    stack: "layers.",
    layer: &[
        "self_attn.q_proj",
        "self_attn.k_proj",
        "self_attn.v_proj",
        "self_attn.o_proj",
        "mlp.gate_proj",
        "mlp.up_proj",
        "mlp.down_proj",
    ],
};

/// `None` for an architecture that there is no MLX graph of.
fn matrices(architecture: Architecture) -> Option<&'static Matrices> {
    match architecture {
        Architecture::Bert | Architecture::XlmRoberta => Some(&BERT),
        Architecture::Qwen3 => Some(&QWEN3),
        Architecture::NomicBert => None,
    }
}

/// Whether MLX has this architecture.
pub(super) fn is_known(architecture: Architecture) -> bool {
    matrices(architecture).is_some()
}

/// The name without what conversions put before all names.
pub(crate) fn bare(architecture: Architecture, name: &str) -> &str {
    let prefixes = matrices(architecture).map_or(&[][..], |matrices| matrices.prefixes);
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

/// Whether the module at the bare `path` has a matrix that MLX's tools quantise.
pub(super) fn is_quantized(architecture: Architecture, path: &str) -> bool {
    let Some(matrices) = matrices(architecture) else { return false };
    let layer = path.strip_prefix(matrices.stack).and_then(|rest| rest.split_once('.'));
    let is_of_layer =
        |(number, module): (&str, &str)| number.parse::<u32>().is_ok() && matrices.layer.contains(&module);
    matrices.single.contains(&path) || layer.is_some_and(is_of_layer)
}

/// The name in a file of MLX's tools: those for Qwen3 have a prefix before all but the head.
pub(super) fn written_name(architecture: Architecture, name: &str) -> String {
    let bare = bare(architecture, name);
    match architecture {
        Architecture::Qwen3 if bare.starts_with("lm_head.") => bare.to_owned(),
        Architecture::Qwen3 => format!("model.{bare}"),
        _ => name.to_owned(),
    }
}

/// Whether the tensor with this bare name holds no weights but what any program counts out for itself: MLX's tools leave
/// it out.
pub(super) fn is_buffer(name: &str) -> bool {
    name == "embeddings.position_ids" || name.ends_with("rotary_emb.inv_freq")
}
