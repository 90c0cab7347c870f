//! The program: everything is in the library.

fn main() -> std::process::ExitCode {
    kubejam::cli::main()
}
