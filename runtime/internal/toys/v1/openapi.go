package v1

const model = "com.example.toys.v1."

// OpenAPIModelName is the name of the type in OpenAPI documents.
func (Robot) OpenAPIModelName() string { return model + "Robot" }

// OpenAPIModelName is the name of the type in OpenAPI documents.
func (RobotSpec) OpenAPIModelName() string { return model + "RobotSpec" }

// OpenAPIModelName is the name of the type in OpenAPI documents.
func (RobotStatus) OpenAPIModelName() string { return model + "RobotStatus" }

// OpenAPIModelName is the name of the type in OpenAPI documents.
func (RobotList) OpenAPIModelName() string { return model + "RobotList" }
