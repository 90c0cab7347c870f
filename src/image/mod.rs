//! Image references, layers, file trees and the catalogue. Must never know who runs an image.

pub mod digest;
pub mod reference;
pub mod files;
pub mod health;
pub mod layer;
pub mod config;
pub mod process;
pub mod catalogue;

pub use catalogue::Catalogue;
pub use config::{Image, ImageConfig};
pub use digest::Digest;
pub use files::{Entry, EntryKind, FileTree, FsError};
pub use layer::Layer;
pub use reference::ImageRef;
