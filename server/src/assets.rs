//! Static files of the console: scripts, style sheet, icons. They are read once at start, kept in
//! memory, and compressed once with the best Brotli quality. Pages of any origin may load them, because
//! hosts do, and they contain no data.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use clientele_app::server::state::Assets;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
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

impl File {
    fn new(name: &str, content: Bytes) -> io::Result<Self> {
        let etag = format!("\"{}\"", format!("{:x}", Sha256::digest(&content)).split_off(48));
        let etag = HeaderValue::from_str(&etag).map_err(io::Error::other)?;
        Ok(Self { content, brotli: OnceLock::new(), kind: kind(name), etag })
    }
}

/// Script that hosts load. The server puts the URLs of the other files at its beginning.
const EMBED: &str = "embed.js";
/// Scripts that belong to it.
const EMBED_FOLDER: &str = "embed/";

/// `Cache-Control` of files whose URL contains their version.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// `Cache-Control` of other files.
const FOR_MINUTES: &str = "public, max-age=300";
/// `Cache-Control` of the scripts for hosts: the URLs in the first must not be older than the files, and all
/// of them must be of one version.
const REVALIDATED: &str = "no-cache";

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
        site.compose_embed()?;
        Ok(site)
    }

    /// Puts the URLs of the files that the widget loads before its script.
    fn compose_embed(&mut self) -> io::Result<()> {
        let Some(script) = self.files.get(EMBED) else { return Ok(()) };
        let Assets { script: module, wasm, style, .. } = self.assets();
        let mut composed = format!(
            "const ASSETS={{\"script\":\"{module}\",\"wasm\":\"{wasm}\",\"style\":\"{style}\",\"icons\":\"/icons.svg\"}};\n"
        )
        .into_bytes();
        composed.extend_from_slice(&script.content);
        let file = File::new(EMBED, composed.into())?;
        self.files.insert(EMBED.to_owned(), file);
        Ok(())
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.add(&entry.path(), &format!("{name}/"))?;
            } else {
                let file = File::new(&name, std::fs::read(entry.path())?.into())?;
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

    /// Returns the file at a URL path, and its `Cache-Control`.
    fn find(&self, path: &str) -> Option<(&File, &'static str)> {
        let path = path.trim_start_matches('/');
        let Some(rest) = path.strip_prefix("pkg/") else {
            let for_hosts = path == EMBED || path.starts_with(EMBED_FOLDER);
            let lifetime = if for_hosts { REVALIDATED } else { FOR_MINUTES };
            return self.files.get(path).map(|file| (file, lifetime));
        };
        let (version, name) = rest.split_once('/')?;
        if without_instance(version) != self.version {
            return None;
        }
        self.files.get(&format!("pkg/{name}")).map(|file| (file, FOREVER))
    }
}

/// Returns a version without the number of an instance: `<version>.<number>` is another URL of the same
/// files. A module that has panicked is of no more use, and browsers make a module only once for a URL.
fn without_instance(version: &str) -> &str {
    match version.split_once('.') {
        Some((own, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => own,
        _ => version,
    }
}

/// Returns the response with the site's file at the request's path, or `None` if there is no such file.
#[must_use]
pub fn serve(site: &Site, request: &Request) -> Option<Response> {
    let (file, lifetime) = site.find(request.uri().path())?;
    let mut headers = HeaderMap::new();
    let mut add = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    add(header::CONTENT_TYPE, file.kind);
    add(header::CACHE_CONTROL, lifetime);
    add(header::VARY, "accept-encoding");
    add(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    add(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
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
