//! One time line over cloud, machine and every running process: executor, hosts, network between them.
