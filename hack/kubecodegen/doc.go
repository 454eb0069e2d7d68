// Package kubecodegen runs upstream's kube_codegen.sh, which kubecraft's code generation is held to: its output byte for
// byte, and its time.
package kubecodegen
