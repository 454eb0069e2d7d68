// Package extension makes parts of a control plane out of a project's own authenticators, authorizers and admission plugins: a function
// that makes one from a file. It is called again when the file has changed, and what it made before holds until it returns without an
// error. What the component does wrong is kept from the server by the guards of runtime/authentication, runtime/authorization and
// runtime/admission.
package extension
