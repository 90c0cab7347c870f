//! Virtual time, seeds and text tables. Must never know the wall clock or ambient randomness.
