//! API documentation page, rendered from the OpenAPI document, for developers who connect a channel.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};
use pulldown_cmark::{Options, Parser};
use serde_json::Value;

use crate::ServerState;
use crate::html::escape;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Handles `GET /api/v1`.
pub async fn show(State(state): State<ServerState>) -> Response {
    let document = serde_json::to_value(super::document()).unwrap_or_default();
    let html = render(&document, &state.app.assets.style);
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
}

fn render(document: &Value, style: &str) -> String {
    let title = text(&document["info"]["title"]);
    let own: Vec<(String, String, &Value)> = operations(document).collect();
    let links: String = own.iter().map(|(method, path, own)| link(method, path, own)).collect();
    let operations: String = own.iter().map(|(method, path, own)| operation(document, method, path, own)).collect();
    let schemas: String = entries(&document["components"]["schemas"]).map(|(name, own)| schema(&name, own)).collect();
    let description = markdown(document["info"]["description"].as_str().unwrap_or_default());
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <link rel=\"icon\" href=\"/favicon.svg\"><link rel=\"stylesheet\" href=\"{style}\"></head><body>\
         <main class=\"api-page\"><h1>{title}</h1><p>Machine-readable: <a class=\"link\" href=\"/api/v1/openapi.json\">openapi.json</a></p>\
         <nav aria-label=\"Operations\"><ul>{links}</ul></nav>{description}\
         <h2>Operations</h2>{operations}<h2>Bodies</h2>{schemas}</main></body></html>"
    )
}

fn link(method: &str, path: &str, own: &Value) -> String {
    let (id, path, summary) = (operation_id(own), escape(path), text(&own["summary"]));
    format!(
        "<li><a href=\"#{id}\"><b class=\"api-method\">{method}</b> <code>{path}</code></a> <span>{summary}</span></li>"
    )
}

fn operation(document: &Value, method: &str, path: &str, own: &Value) -> String {
    let (id, shown) = (operation_id(own), escape(path));
    let about: String = [&own["summary"], &own["description"]].map(|own| format!("<p>{}</p>", text(own))).join("");
    let parameters = own["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|own| field(&text(&own["name"]), "", true, &text(&own["description"]))).collect();
    let body = own["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
    let body = body.map(|path| {
        let example = &document["components"]["schemas"][name_of(path)]["example"];
        format!("<h4>Body</h4><p>{}</p>{}", reference(path), example_of(example))
    });
    let answers: String = entries(&own["responses"])
        .map(|(status, own)| {
            let schema = own["content"]["application/json"]["schema"]["$ref"].as_str();
            let what = schema.map_or_else(|| "no body".to_owned(), reference);
            format!("<tr><td><code>{status}</code></td><td>{what}</td></tr>")
        })
        .collect();
    format!(
        "<section class=\"api-operation\" id=\"{id}\"><h3><b class=\"api-method\">{method}</b> <code>{shown}</code></h3>{about}\
         {}{}<h4>Responses</h4><table><tbody>{answers}</tbody></table></section>",
        fields("Parameters", parameters),
        body.unwrap_or_default(),
    )
}

fn schema(name: &str, own: &Value) -> String {
    let required: Vec<&str> = own["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let rows = entries(&own["properties"])
        .map(|(name, about)| {
            field(&escape(&name), &kind(about), required.contains(&&*name), &text(&about["description"]))
        })
        .collect();
    let name = escape(name);
    format!(
        "<section class=\"api-schema\" id=\"{name}\"><h3>{name}</h3><p>{}</p>{}{}</section>",
        text(&own["description"]),
        fields("", rows),
        example_of(&own["example"])
    )
}

fn fields(title: &str, rows: String) -> String {
    if rows.is_empty() {
        return rows;
    }
    let title = if title.is_empty() { String::new() } else { format!("<h4>{title}</h4>") };
    format!("{title}<dl class=\"api-fields\">{rows}</dl>")
}

fn field(name: &str, kind: &str, required: bool, about: &str) -> String {
    let required = if required { " <em>required</em>" } else { "" };
    format!("<div><dt><code>{name}</code> <span>{kind}</span>{required}</dt><dd>{about}</dd></div>")
}

/// Returns the type of a field. For a nullable field, `null` is left out.
fn kind(about: &Value) -> String {
    let of = |own: &Value| match own["$ref"].as_str() {
        Some(path) => reference(path),
        None => match &own["type"] {
            Value::Array(types) => types.iter().filter(|own| *own != "null").map(text).collect::<Vec<_>>().join(" or "),
            own => text(own),
        },
    };
    match about["oneOf"].as_array() {
        Some(all) => all.iter().filter(|own| own["type"] != "null").map(of).collect::<Vec<_>>().join(" or "),
        None if about["type"] == "array" => format!("list of {}", of(&about["items"])),
        None => of(about),
    }
}

fn example_of(example: &Value) -> String {
    if example.is_null() {
        return String::new();
    }
    let text = serde_json::to_string_pretty(example).unwrap_or_default();
    format!("<pre tabindex=\"0\"><code>{}</code></pre>", escape(&text))
}

fn markdown(text: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, Parser::new_ext(text, Options::ENABLE_TABLES));
    // Makes scrollable blocks reachable by keyboard.
    html.replace("<pre>", "<pre tabindex=\"0\">")
}

fn operations(document: &Value) -> impl Iterator<Item = (String, String, &Value)> {
    entries(&document["paths"]).flat_map(|(path, methods)| {
        entries(methods).map(move |(method, own)| (method.to_uppercase(), path.clone(), own))
    })
}

fn operation_id(own: &Value) -> String {
    text(&own["operationId"])
}

fn entries(value: &Value) -> impl Iterator<Item = (String, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn reference(path: &str) -> String {
    let name = escape(name_of(path));
    format!("<a class=\"link\" href=\"#{name}\">{name}</a>")
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}
