//! Keeps in the module where its functions and data are referred to, so that it can be split (`make site`).

fn main() {
    println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    println!("cargo::rerun-if-changed=build.rs");
}
