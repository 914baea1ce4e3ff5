//! Emits relocations into the module, which the splitter needs to cut it into chunks (`make site`).

fn main() {
    println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    println!("cargo::rerun-if-changed=build.rs");
}
