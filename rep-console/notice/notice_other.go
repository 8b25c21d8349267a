//go:build !linux

package notice

import "context"

const here = false

func (*Board) run(ctx context.Context) { <-ctx.Done() }
