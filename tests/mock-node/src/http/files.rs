//! A folder of static files, such as a page for people.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use bytes::Bytes;

/// A folder's files by their paths. They are read once: what is served is what was there at the start, and no path leads
/// out of the folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Files(Arc<BTreeMap<String, File>>);

#[derive(Debug)]
struct File {
    content_type: &'static str,
    content: Bytes,
}

impl Files {
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        read_folder(folder, "", &mut files)?;
        if !files.contains_key("/index.html") {
            let message = format!("{} has no index.html", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        Ok(Self(Arc::new(files)))
    }

    /// The file at a path, `/` being the page itself.
    pub(super) fn get(&self, path: &str) -> Option<Response<Body>> {
        let name = if path == "/" { "/index.html" } else { path };
        let file = self.0.get(name)?;
        let mut response = Response::new(Body::from(file.content.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Some(response)
    }
}

fn read_folder(folder: &Path, path: &str, files: &mut BTreeMap<String, File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &path, files)?;
            continue;
        }
        let file = File {
            content_type: content_type(&path),
            content: fs::read(entry.path())?.into(),
        };
        files.insert(path, file);
    }
    Ok(())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_found() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("ancp-files-{}", std::process::id()));
        fs::create_dir_all(folder.join("assets"))?;
        assert!(Files::read(&folder).is_err(), "there is no page yet");
        fs::write(folder.join("index.html"), "<html>")?;
        fs::write(folder.join("assets/a.js"), "1")?;
        let files = Files::read(&folder)?;
        fs::remove_dir_all(&folder)?;

        for (path, expected) in [
            ("/", Some("text/html; charset=utf-8")),
            ("/index.html", Some("text/html; charset=utf-8")),
            ("/assets/a.js", Some("text/javascript; charset=utf-8")),
            ("/assets", None),
            ("/../index.html", None),
            ("", None),
        ] {
            let response = files.get(path);
            let found = response
                .as_ref()
                .and_then(|response| response.headers().get(CONTENT_TYPE))
                .and_then(|value| value.to_str().ok());
            assert_eq!(found, expected, "{path}");
        }
        Ok(())
    }
}
