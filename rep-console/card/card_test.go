package card

import "testing"

func TestProgramsAreNotTakenForGraphicsCards(t *testing.T) {
	for renderer, want := range map[string]bool{
		"llvmpipe (LLVM 15.0.6, 256 bits)":        true,
		"virgl (LLVMPIPE (LLVM 15.0.6 256 bits))": true,
		"softpipe":                              true,
		"Software Rasterizer":                   true,
		"Mesa DRI swrast":                       true,
		"Google SwiftShader":                    true,
		"GDI Generic":                           true,
		"D3D12 (Microsoft Basic Render Driver)": true,
		"Apple Software Renderer":               true,
		"":                                      true,
		"Mesa Intel(R) UHD Graphics 620 (KBL GT2)":          false,
		"NVIDIA GeForce RTX 3060/PCIe/SSE2":                 false,
		"AMD Radeon RX 580 Series (polaris10, LLVM 15.0.6)": false,
		"SVGA3D; build: RELEASE;  LLVM;":                    false,
		"Apple M1":                                          false,
	} {
		if got := software(renderer); got != want {
			t.Errorf("%q: %v", renderer, got)
		}
	}
}
