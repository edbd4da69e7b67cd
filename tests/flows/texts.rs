//! All text for people is in src/text/, where it can be reviewed together.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Attributes that people read or hear.
const READ: [&str; 4] = ["label", "placeholder", "title", "alt"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The groups of `html!` calls.
fn calls(tokens: TokenStream, found: &mut Vec<Group>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        let before = |back: usize| at.checked_sub(back).map(|at| tokens[at].to_string());
        if before(1).as_deref() == Some("!") && before(2).as_deref() == Some("html") {
            found.push(group.clone());
        } else {
            calls(group.stream(), found);
        }
    }
}

/// The literals in a call that people read, except spaces and punctuation between texts.
fn literals(tokens: TokenStream, is_brace: bool, found: &mut Vec<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let text = |at: usize| tokens.get(at).map(ToString::to_string).unwrap_or_default();
    for (at, token) in tokens.iter().enumerate() {
        let is_attribute = at > 1 && text(at - 1) == "=";
        let is_read = is_attribute && READ.contains(&text(at - 2).as_str());
        match token {
            TokenTree::Group(group) if is_attribute => {
                // Literals in attributes are IDs, classes and so on, unless people read the attribute.
                let mut inside = Vec::new();
                texts_in(group.stream(), &mut inside);
                found.extend(inside.into_iter().filter(|_| is_read));
            }
            TokenTree::Group(group) => {
                let is_format = at > 1 && text(at - 1) == "!" && text(at - 2) == "format";
                let is_brace = group.delimiter() == Delimiter::Brace;
                literals(group.stream(), is_brace || is_format, found);
            }
            TokenTree::Literal(_) => {
                let is_child = !is_attribute && is_brace && at == 0;
                let mut inside = Vec::new();
                texts_in(token.clone().into(), &mut inside);
                found.extend(inside.into_iter().filter(|_| is_read || is_child));
            }
            _ => {}
        }
    }
}

/// The literals that have letters beside their placeholders.
fn texts_in(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => texts_in(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let mut depth = 0_usize;
                let is_outside = |letter: char| {
                    match letter {
                        '{' => depth += 1,
                        '}' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    depth == 0 && letter.is_alphabetic()
                };
                // An example of an ID is the same in every language.
                let is_id = text.ends_with("-…\"");
                if text.starts_with('"') && !is_id && text.chars().any(is_outside) {
                    found.push(text);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn the_markup_contains_no_text() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../src"),
        &mut files,
    );
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let mut found = Vec::new();
        calls(source.parse().unwrap(), &mut found);
        for call in found {
            assert_eq!(call.delimiter(), Delimiter::Brace, "{}", file.display());
            seen += 1;
            let mut texts = Vec::new();
            literals(call.stream(), true, &mut texts);
            wrong.extend(
                texts
                    .into_iter()
                    .map(|text| format!("{}: {text}", file.display())),
            );
        }
    }
    assert!(seen > 50, "{seen} calls were looked at");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_text_in_the_markup_would_be_found() {
    let markup = "html! { <p title=\"Not here\">{ \"Nor here\" }{ \" \" }{ x.map(|_| html! { <b>{ \"or \
                  here\" }</b> }) }</p> }";
    let mut found = Vec::new();
    calls(markup.parse().unwrap(), &mut found);
    let mut texts = Vec::new();
    for call in found {
        literals(call.stream(), true, &mut texts);
    }
    assert_eq!(texts, ["\"Not here\"", "\"Nor here\"", "\"or here\""]);
}
