//! Image references, layers, file trees and the catalogue. Must never know who runs an image.
