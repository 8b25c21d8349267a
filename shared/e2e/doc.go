// Package e2e plays the main job with the real programs: broker,
// customer-client and rep-console, each person on a real X server with a
// window manager, driven with mouse and keyboard as people drive them. There
// is nothing here to import.
//
// The programs tell where their buttons and fields are through the file named
// by HANDRAIL_PLACES (see package look); nothing else is arranged for tests.
//
//	go test ./shared/e2e                        every scene
//	go test ./shared/e2e -run MainJob -out DIR  the demo: leaves screenshots and a transcript in DIR
//	go test ./shared/e2e -programs $PWD/dist    with programs that are built already
package e2e
