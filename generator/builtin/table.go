package builtin

// Resources returns all that can be served one by one, in the order of their packages.
func Resources() []Resource {
	return []Resource{
		{Folder: "core", Name: "configmaps", Kind: "ConfigMap", ShortName: "cm"},
		{Folder: "core", Name: "endpoints", Kind: "Endpoints", ShortName: "ep", RefersTo: []string{"services"}},
		{Folder: "core", Name: "events", Kind: "Event", ShortName: "ev", OtherGroup: "events.k8s.io"},
		{Folder: "core", Name: "limitranges", Kind: "LimitRange", ShortName: "limits"},
		{Folder: "core", Name: "namespaces", Kind: "Namespace", ShortName: "ns"},
		{Folder: "core", Name: "nodes", Kind: "Node", ShortName: "no"},
		{Folder: "core", Name: "persistentvolumeclaims", Kind: "PersistentVolumeClaim", ShortName: "pvc", RefersTo: []string{"persistentvolumes", "storageclasses"}},
		{Folder: "core", Name: "persistentvolumes", Kind: "PersistentVolume", ShortName: "pv", RefersTo: []string{"storageclasses"}},
		{Folder: "core", Name: "pods", Kind: "Pod", ShortName: "po", RefersTo: []string{"namespaces", "nodes", "serviceaccounts"}},
		{Folder: "core", Name: "podtemplates", Kind: "PodTemplate"},
		{Folder: "core", Name: "replicationcontrollers", Kind: "ReplicationController", ShortName: "rc", RefersTo: []string{"pods"}},
		{Folder: "core", Name: "resourcequotas", Kind: "ResourceQuota", ShortName: "quota"},
		{Folder: "core", Name: "secrets", Kind: "Secret"},
		{Folder: "core", Name: "serviceaccounts", Kind: "ServiceAccount", ShortName: "sa"},
		{Folder: "core", Name: "services", Kind: "Service", ShortName: "svc", RefersTo: []string{"pods", "endpointslices"}},
		{Folder: "apps", Name: "controllerrevisions", Kind: "ControllerRevision", Group: "apps"},
		{Folder: "apps", Name: "daemonsets", Kind: "DaemonSet", ShortName: "ds", Group: "apps", RefersTo: []string{"pods", "controllerrevisions"}},
		{Folder: "apps", Name: "deployments", Kind: "Deployment", ShortName: "deploy", Group: "apps", RefersTo: []string{"replicasets"}},
		{Folder: "apps", Name: "replicasets", Kind: "ReplicaSet", ShortName: "rs", Group: "apps", RefersTo: []string{"pods"}},
		{Folder: "apps", Name: "statefulsets", Kind: "StatefulSet", ShortName: "sts", Group: "apps", RefersTo: []string{"pods", "controllerrevisions"}},
		{Folder: "autoscaling", Name: "horizontalpodautoscalers", Kind: "HorizontalPodAutoscaler", ShortName: "hpa", Group: "autoscaling"},
		{Folder: "batch", Name: "cronjobs", Kind: "CronJob", ShortName: "cj", Group: "batch", RefersTo: []string{"jobs"}},
		{Folder: "batch", Name: "jobs", Kind: "Job", Group: "batch", RefersTo: []string{"pods"}},
		{Folder: "coordination", Name: "leases", Kind: "Lease", Group: "coordination.k8s.io"},
		{Folder: "discovery", Name: "endpointslices", Kind: "EndpointSlice", Group: "discovery.k8s.io", RefersTo: []string{"services"}},
		{Folder: "networking", Name: "ingressclasses", Kind: "IngressClass", Group: "networking.k8s.io"},
		{Folder: "networking", Name: "ingresses", Kind: "Ingress", ShortName: "ing", Group: "networking.k8s.io", RefersTo: []string{"services", "ingressclasses"}},
		{Folder: "networking", Name: "networkpolicies", Kind: "NetworkPolicy", ShortName: "netpol", Group: "networking.k8s.io", RefersTo: []string{"pods"}},
		{Folder: "node", Name: "runtimeclasses", Kind: "RuntimeClass", Group: "node.k8s.io"},
		{Folder: "policy", Name: "poddisruptionbudgets", Kind: "PodDisruptionBudget", ShortName: "pdb", Group: "policy", RefersTo: []string{"pods"}},
		{Folder: "rbac", Name: "clusterrolebindings", Kind: "ClusterRoleBinding", Group: "rbac.authorization.k8s.io", RefersTo: []string{"clusterroles"}, Note: undecided},
		{Folder: "rbac", Name: "clusterroles", Kind: "ClusterRole", Group: "rbac.authorization.k8s.io", Note: undecided},
		{Folder: "rbac", Name: "rolebindings", Kind: "RoleBinding", Group: "rbac.authorization.k8s.io", RefersTo: []string{"clusterroles", "roles"}, Note: undecided},
		{Folder: "rbac", Name: "roles", Kind: "Role", Group: "rbac.authorization.k8s.io", Note: undecided},
		{Folder: "scheduling", Name: "priorityclasses", Kind: "PriorityClass", ShortName: "pc", Group: "scheduling.k8s.io"},
		{Folder: "storage", Name: "csidrivers", Kind: "CSIDriver", Group: "storage.k8s.io"},
		{Folder: "storage", Name: "csinodes", Kind: "CSINode", Group: "storage.k8s.io", RefersTo: []string{"nodes", "csidrivers"}},
		{Folder: "storage", Name: "csistoragecapacities", Kind: "CSIStorageCapacity", Group: "storage.k8s.io", RefersTo: []string{"storageclasses"}},
		{Folder: "storage", Name: "storageclasses", Kind: "StorageClass", ShortName: "sc", Group: "storage.k8s.io"},
		{Folder: "storage", Name: "volumeattachments", Kind: "VolumeAttachment", Group: "storage.k8s.io", RefersTo: []string{"nodes", "persistentvolumes"}},
		{Folder: "storage", Name: "volumeattributesclasses", Kind: "VolumeAttributesClass", ShortName: "vac", Group: "storage.k8s.io"},
	}
}

// undecided is said of roles and of what binds them.
const undecided = "roles are kept, and decide nothing: who may do what is for the authorizers of the project, or for RBAC in kubecraft add builtin --all"

// wholeOnly are names of resources that come with the whole built-in API alone: they need more of it than a storage.
func wholeOnly() []string {
	return []string{
		"apiservices", "bindings", "certificatesigningrequests", "componentstatuses", "customresourcedefinitions", "deviceclasses",
		"flowschemas", "ipaddresses", "localsubjectaccessreviews", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
		"mutatingwebhookconfigurations", "prioritylevelconfigurations", "resourceclaims", "resourceclaimtemplates", "resourceslices",
		"selfsubjectaccessreviews", "selfsubjectreviews", "selfsubjectrulesreviews", "servicecidrs", "subjectaccessreviews", "tokenreviews",
		"validatingadmissionpolicies", "validatingadmissionpolicybindings", "validatingwebhookconfigurations",
	}
}
