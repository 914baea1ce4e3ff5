//! Tests through the router, in one binary: linking each of a dozen takes time and 200 MB.
//!
//! [`common`] holds [`common::TestApp`], the whole server without a socket. Each other module tests one part of it.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod access;
mod chat;
mod common;
mod customer;
mod customers;
mod disk;
mod embed;
mod ingest;
mod ingest_requests;
mod live;
mod pages;
mod security;
mod session;
mod settings;
