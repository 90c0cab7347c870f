//! Lesson format, checks, hints, coach, course. Reads the world, never changes it.
