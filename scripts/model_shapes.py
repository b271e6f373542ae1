"""The numbers of published models' config.json that decide their shapes."""

from __future__ import annotations

E5_BASE = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 768,
    "intermediate_size": 3072,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "pad_token_id": 0,
    "type_vocab_size": 2,
    "vocab_size": 30522,
}


def qwen3(layers: int, hidden: int, heads: int, inner: int, positions: int, vocabulary: int) -> dict:
    """Of a Qwen3-Embedding model; what all of them have alike is written here."""
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "attention_bias": False,
        "head_dim": 128,
        "hidden_act": "silu",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "max_position_embeddings": positions,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "num_key_value_heads": 8,
        "rms_norm_eps": 1e-6,
        "rope_scaling": None,
        "rope_theta": 1000000,
        "tie_word_embeddings": True,
        "use_sliding_window": False,
        "vocab_size": vocabulary,
    }


QWEN3_06B = qwen3(layers=28, hidden=1024, heads=16, inner=3072, positions=32768, vocabulary=151669)
QWEN3_4B = qwen3(layers=36, hidden=2560, heads=32, inner=9728, positions=40960, vocabulary=151665)
QWEN3_8B = qwen3(layers=36, hidden=4096, heads=32, inner=12288, positions=40960, vocabulary=151665)
