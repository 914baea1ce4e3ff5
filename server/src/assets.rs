//! Static files of the console: scripts, style sheet, icons. They are read once at start, kept in
//! memory, and compressed once with the best Brotli quality.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use clientele_app::server::state::Assets;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

/// Files of the site folder, keyed by path: `pkg/clientele.js`.
#[derive(Default)]
pub struct Site {
    files: HashMap<String, File>,
    version: String,
}

struct File {
    content: Bytes,
    brotli: OnceLock<Bytes>,
    kind: &'static str,
    etag: HeaderValue,
}

/// Smallest file, in bytes, that is compressed; below this, compression saves nothing.
const COMPRESS_FROM: usize = 1024;
/// Brotli quality, the highest there is. It costs seconds once, and every browser downloads less.
const QUALITY: i32 = 11;

impl Site {
    /// Reads all files of a folder into memory.
    ///
    /// # Errors
    /// Returns an error if a file or folder cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut site = Self::default();
        site.add(folder, "")?;
        let mut hash = Sha256::new();
        let mut paths: Vec<&String> = site.files.keys().filter(|path| path.starts_with("pkg/")).collect();
        paths.sort();
        for path in paths {
            hash.update(path);
            hash.update(&site.files[path].content);
        }
        site.version = format!("{:x}", hash.finalize()).split_off(48);
        Ok(site)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.add(&entry.path(), &format!("{name}/"))?;
            } else {
                let content = Bytes::from(std::fs::read(entry.path())?);
                let etag = format!("\"{}\"", format!("{:x}", Sha256::digest(&content)).split_off(48));
                let etag = HeaderValue::from_str(&etag).map_err(io::Error::other)?;
                let file = File { content, brotli: OnceLock::new(), kind: kind(&name), etag };
                self.files.insert(name, file);
            }
        }
        Ok(())
    }

    /// Returns the URLs of the assets that the document loads.
    #[must_use]
    pub fn assets(&self) -> Assets {
        let at = |name: &str| format!("/pkg/{}/{name}", self.version);
        Assets {
            script: at("clientele.js"),
            parts: at("__wasm_split.js"),
            wasm: at("clientele_bg.wasm"),
            style: at("clientele.css"),
        }
    }

    /// Compresses the files that become smaller by it. Takes seconds of one core; until a file is
    /// compressed it is sent as it is.
    pub fn compress(&self) {
        for file in self.files.values().filter(|file| file.content.len() >= COMPRESS_FROM) {
            let mut out = Vec::new();
            let params = brotli::enc::BrotliEncoderParams {
                quality: QUALITY,
                size_hint: file.content.len(),
                ..Default::default()
            };
            if brotli::BrotliCompress(&mut &file.content[..], &mut out, &params).is_ok()
                && out.len() < file.content.len()
            {
                let _ = file.brotli.set(Bytes::from(out));
            }
        }
    }

    /// Returns the file at a URL path, and `true` if the path contains the content hash and so
    /// never changes its content.
    fn find(&self, path: &str) -> Option<(&File, bool)> {
        let path = path.trim_start_matches('/');
        match path.strip_prefix("pkg/") {
            Some(rest) => {
                let (version, name) = rest.split_once('/')?;
                (version == self.version)
                    .then(|| self.files.get(&format!("pkg/{name}")))
                    .flatten()
                    .map(|file| (file, true))
            }
            None => self.files.get(path).map(|file| (file, false)),
        }
    }
}

/// Returns the response with the site's file at the request's path, or `None` if there is no such file.
#[must_use]
pub fn serve(site: &Site, request: &Request) -> Option<Response> {
    let (file, lasting) = site.find(request.uri().path())?;
    let lifetime = if lasting { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, file.etag.clone());
    if request.headers().get(header::IF_NONE_MATCH) == Some(&file.etag) {
        return Some((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Some(match file.brotli.get().filter(|_| takes_brotli(request.headers())) {
        Some(compressed) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            (headers, compressed.clone()).into_response()
        }
        None => (headers, file.content.clone()).into_response(),
    })
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|encoding| encoding.trim().split(';').next() == Some("br"))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
