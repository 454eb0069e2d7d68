// Package authentication says who a request is from.
package authentication
