// Package roundtrip tests that the types of an API group lose nothing on their way between the wire and the registry.
package roundtrip
