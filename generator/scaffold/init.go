package scaffold

// Init returns the files of a new project that serves no types yet: it builds and runs as it is.
func Init(o InitOptions) (map[string][]byte, error) {
	if err := o.Kubecraft.validate(); err != nil {
		return nil, err
	}
	return map[string][]byte{}, nil
}
