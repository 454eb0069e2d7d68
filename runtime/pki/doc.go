// Package pki makes and keeps a control plane's certificates and kubeconfig: an authority, the server's certificate
// and the administrator's, in files that kubectl and openssl read.
package pki
