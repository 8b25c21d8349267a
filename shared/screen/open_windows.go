package screen

// open takes no display name here: a process sees the desktop it runs on.
func open(string) (backend, error) {
	if len((&gdi{}).displays()) == 0 {
		return nil, ErrNoScreen
	}
	return &either{
		better: func() (backend, error) {
			d, err := openDuplicator()
			if err != nil {
				return nil, err
			}
			return d, nil
		},
		plain: func() backend { return newClocked(&gdi{}) },
	}, nil
}
