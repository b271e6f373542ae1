//! Languages there is a grammar for, and the files that are in them.

/// A language that is taken apart by its grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// TypeScript without JSX, where `<T>value` is a cast.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// JavaScript, JSX included.
    JavaScript,
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// Go.
    Go,
    /// Java.
    Java,
    /// C.
    C,
    /// C++, and headers whose language nobody knows: its grammar reads those of C as well.
    Cpp,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 9] = [
        Self::TypeScript,
        Self::Tsx,
        Self::JavaScript,
        Self::Rust,
        Self::Python,
        Self::Go,
        Self::Java,
        Self::C,
        Self::Cpp,
    ];

    /// The language of a file by its name's ending, whatever its case; `None` where no grammar knows it.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        Some(match extension(path)?.as_str() {
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "js" | "mjs" | "cjs" | "jsx" => Self::JavaScript,
            "rs" => Self::Rust,
            "py" | "pyi" => Self::Python,
            "go" => Self::Go,
            "java" => Self::Java,
            "c" => Self::C,
            "cc" | "cpp" | "cxx" | "c++" | "h" | "hh" | "hpp" | "hxx" | "h++" | "inl" | "ipp" => Self::Cpp,
            _ => return None,
        })
    }

    /// A word for it, in small letters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TypeScript => "typescript",
            Self::Tsx => "tsx",
            Self::JavaScript => "javascript",
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Go => "go",
            Self::Java => "java",
            Self::C => "c",
            Self::Cpp => "cpp",
        }
    }
}

/// What follows the last dot of a path's last part, in small letters; `None` where there is no dot, or only one in front.
pub(crate) fn extension(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next()?;
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty()).then(|| extension.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_ending_tells_its_language() {
        assert_eq!(Language::of_path("src/a.d.ts"), Some(Language::TypeScript));
        assert_eq!(Language::of_path("src\\A.TSX"), Some(Language::Tsx));
        assert_eq!(Language::of_path("include/a.h"), Some(Language::Cpp));
        for none in ["src.rs/readme", ".rs", "rs", "", "a.rs/", "a.rs.txt"] {
            assert_eq!(Language::of_path(none), None, "{none}");
        }
    }
}
