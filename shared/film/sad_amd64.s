#include "textflag.h"

// Two rows of 16 pixels at a time; PSADBW leaves a sum in each half.

// func sad16(p *[256]byte, pix *byte, stride int) int
TEXT ·sad16(SB), NOSPLIT, $0-32
	MOVQ p+0(FP), SI
	MOVQ pix+8(FP), DI
	MOVQ stride+16(FP), DX
	MOVQ $8, CX
	PXOR X0, X0

two:
	MOVOU  (SI), X1
	MOVOU  (DI), X2
	MOVOU  16(SI), X3
	MOVOU  (DI)(DX*1), X4
	PSADBW X2, X1
	PSADBW X4, X3
	PADDQ  X1, X0
	PADDQ  X3, X0
	ADDQ   $32, SI
	LEAQ   (DI)(DX*2), DI
	DECQ   CX
	JNZ    two

	MOVHLPS X0, X1
	PADDQ   X1, X0
	MOVQ    X0, ret+24(FP)
	RET

// func sadMean16(p *[256]byte, a, b *byte, sa, sb int) int
TEXT ·sadMean16(SB), NOSPLIT, $0-48
	MOVQ p+0(FP), SI
	MOVQ a+8(FP), DI
	MOVQ b+16(FP), BX
	MOVQ sa+24(FP), DX
	MOVQ sb+32(FP), R8
	MOVQ $8, CX
	PXOR X0, X0

two:
	MOVOU  (DI), X1
	MOVOU  (BX), X2
	MOVOU  (DI)(DX*1), X3
	MOVOU  (BX)(R8*1), X4
	MOVOU  (SI), X5
	MOVOU  16(SI), X6
	PAVGB  X2, X1
	PAVGB  X4, X3
	PSADBW X5, X1
	PSADBW X6, X3
	PADDQ  X1, X0
	PADDQ  X3, X0
	ADDQ   $32, SI
	LEAQ   (DI)(DX*2), DI
	LEAQ   (BX)(R8*2), BX
	DECQ   CX
	JNZ    two

	MOVHLPS X0, X1
	PADDQ   X1, X0
	MOVQ    X0, ret+40(FP)
	RET
