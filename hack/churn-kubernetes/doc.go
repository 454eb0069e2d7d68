// Command churn-kubernetes creates, changes, watches and deletes objects of examples/kubernetes at full rate, and says
// whether the server's heap or its goroutines grow meanwhile. hack/churn-kubernetes.sh builds what it runs.
package main
