//! What `docker inspect` shows. Never changes it.
