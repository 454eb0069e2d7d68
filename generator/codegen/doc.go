// Package codegen runs every Kubernetes code generator over a project's types and returns what they write as data.
//
// The generators are upstream's (k8s.io/code-generator, k8s.io/kube-openapi), run as libraries, one after the other,
// over a single load of the packages; the output is byte for byte that of upstream's kube_codegen.sh. They run in a
// re-executed child of the calling program, because they exit, panic and print as programs do: Run is the caller's
// side and never writes to the project, Child is what the hidden command of the re-executed program calls.
package codegen
