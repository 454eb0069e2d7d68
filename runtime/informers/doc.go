// Package informers lets the components of a control plane share the informers of the API server beside them.
package informers
