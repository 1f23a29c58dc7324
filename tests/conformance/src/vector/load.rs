use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A vector with its key, `{file}.{name}`, which is unique.
#[derive(Clone, Debug)]
pub struct Loaded<V> {
    /// `{file}.{name}`.
    pub key: String,
    /// The vector.
    pub vector: V,
    /// The vector as it stands in its file, for runners in other languages.
    pub json: Value,
}

/// Reads all vectors of a kind: those of each file of `vectors/{kind}/`, in the order of the files' names.
///
/// # Errors
/// Which file, and which vector in it, is not one.
pub fn load<V: DeserializeOwned>(kind: &str) -> Result<Vec<Loaded<V>>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(kind);
    let entries =
        std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    let mut all: Vec<Loaded<V>> = Vec::new();
    for file in files {
        let stem = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let vectors: Vec<Value> =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        for json in vectors {
            let name = json["name"].as_str().unwrap_or_default();
            let key = format!("{stem}.{name}");
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            if name.is_empty() || !key.bytes().all(plain) {
                return Err(format!(
                    "{key}: a name is made of letters, digits, '-', '_' and '.'"
                ));
            }
            if all.iter().any(|other| other.key == key) {
                return Err(format!("{key}: there are two of this name"));
            }
            let vector = V::deserialize(&json).map_err(|error| format!("{key}: {error}"))?;
            all.push(Loaded { key, vector, json });
        }
    }
    Ok(all)
}
