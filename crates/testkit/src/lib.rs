//! Elections, faulty stores and a seeded world, for tests.
