package main

import (
	"context"
	"log/slog"

	"handrail/shared/courier"
	"handrail/shared/disk"
	"handrail/shared/files"
)

// shelf is the machine's disk as a courier wants it.
type shelf struct{ *disk.Disk }

// openShelf gives nil where nobody knows where downloads go.
func openShelf() courier.Disk {
	folder, err := disk.Downloads()
	if err != nil {
		slog.Error("files can't be sent or taken", "err", err)
		return nil
	}
	return shelf{disk.New(folder)}
}

func (s shelf) Open(ctx context.Context, place string) (courier.Source, error) {
	source, err := s.Disk.Open(ctx, place)
	if err != nil {
		return nil, err
	}
	return source, nil
}

func (s shelf) Keep(ctx context.Context, t files.Thing) (courier.Sink, error) {
	sink, err := s.Disk.Keep(ctx, t)
	if err != nil {
		return nil, err
	}
	return sink, nil
}
