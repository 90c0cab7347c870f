//! The command line: parses arguments and hands over to edge and authoring.
