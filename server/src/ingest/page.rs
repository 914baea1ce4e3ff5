//! The API's description as a page: what the document says, operation by operation, for whoever connects a channel.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::Value;

use crate::ServerState;
use crate::html::escape;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Shows the document.
pub async fn show(State(state): State<ServerState>) -> Response {
    let document = serde_json::to_value(super::document()).unwrap_or_default();
    let html = render(&document, &state.app.assets.style);
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
}

fn render(document: &Value, style: &str) -> String {
    let info = &document["info"];
    let (title, description) = (text(&info["title"]), text(&info["description"]));
    let operations: String = operations(document).map(|(method, path, own)| operation(&method, &path, own)).collect();
    let schemas: String = entries(&document["components"]["schemas"]).map(|(name, own)| schema(&name, own)).collect();
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"/favicon.svg\">\
         <link rel=\"stylesheet\" href=\"{style}\"></head><body><main class=\"api-page\"><h1>{title}</h1><p>{description}</p>\
         <p><a href=\"/api/v1/openapi.json\">openapi.json</a></p>{operations}{schemas}</main></body></html>"
    )
}

fn operation(method: &str, path: &str, own: &Value) -> String {
    let summary = [&own["summary"], &own["description"]].map(text).join(" ");
    let body = own["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().map(reference);
    let parameters: String = own["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|own| format!("<li><code>{}</code> {}</li>", text(&own["name"]), text(&own["description"])))
        .collect();
    let answers: String = entries(&own["responses"]).map(|(status, _)| format!("<code>{status}</code> ")).collect();
    format!(
        "<section><h2><code>{method} {}</code></h2><p>{summary}</p><ul>{parameters}</ul><p>{}</p><p>{answers}</p></section>",
        escape(path),
        body.unwrap_or_default()
    )
}

fn schema(name: &str, own: &Value) -> String {
    let required: Vec<&str> = own["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields: String = entries(&own["properties"])
        .map(|(field, about)| {
            let star = if required.contains(&field.as_str()) { "*" } else { "" };
            let kind = about["$ref"].as_str().map_or_else(|| text(&about["type"]), reference);
            format!("<dt><code>{}</code>{star} {kind}</dt><dd>{}</dd>", escape(&field), text(&about["description"]))
        })
        .collect();
    let name = escape(name);
    format!("<section id=\"{name}\"><h2>{name}</h2><p>{}</p><dl>{fields}</dl></section>", text(&own["description"]))
}

fn operations(document: &Value) -> impl Iterator<Item = (String, String, &Value)> {
    entries(&document["paths"]).flat_map(|(path, methods)| {
        entries(methods).map(move |(method, own)| (method.to_uppercase(), path.clone(), own))
    })
}

fn entries(value: &Value) -> impl Iterator<Item = (String, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value))
}

fn reference(path: &str) -> String {
    let name = escape(path.rsplit('/').next().unwrap_or(path));
    format!("<a href=\"#{name}\">{name}</a>")
}

/// A text, or the texts of a list, as HTML.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(" | "),
        _ => String::new(),
    }
}
