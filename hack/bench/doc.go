// Package bench is what benchmarks that compare servers have in common: processes that serve, requests by many clients,
// and a table of medians.
package bench
