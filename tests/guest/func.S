/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The code under test. Called by call_func() with %r15 = the vCPU's page,
 * %rdi = its dst, %rsi = its src, %rcx = TINY_MOVS_BYTES, %rax = 17 (a
 * hypercall number) and carry set; everything but %r12-%r15, %rsp and %rbp
 * may be destroyed. Position independent: it runs at four addresses.
 *
 * The gaps hold 0x06, an invalid instruction that is no int3.
 */
#include "tiny.h"

#define TINY_FUNC_SYMS(NAME, name, index, off)	\
	.set F_##name, index; .set OFF_##name, off;

TINY_FUNCS(TINY_FUNC_SYMS)

	.macro	func name
	.org	OFF_\name, 0x06
	.globl	f_\name
	.type	f_\name, @function
f_\name:
	.endm

	.macro	done name
	movl	$TINY_RET(F_\name), %eax
	incq	TINY_VCPU_CALLS + 8 * F_\name(%r15)
	ret
	.size	f_\name, . - f_\name
	.endm

	/* for those that bring the value themselves */
	.macro	done_rax name
	incq	TINY_VCPU_CALLS + 8 * F_\name(%r15)
	ret
	.size	f_\name, . - f_\name
	.endm

	.section .tiny.code, "awx", @progbits
	.code64
code_start:

func nopl
	.byte	0x0f, 0x1f, 0x44, 0x00, 0x00
	done nopl

func endbr
	endbr64
	done endbr

func push
	push	%rbp
	mov	%rsp, %rbp
	mov	(%rbp), %rdx
	pop	%rbp
	done push

func sub
	sub	$24, %rsp
	mov	%rdx, 16(%rsp)
	add	$24, %rsp
	done sub

func load
	mov	TINY_VCPU_LOADVAL(%r15), %rax
	done_rax load

func call
	call	helper
	done_rax call

func lock
	lock incl TINY_VCPU_LOCKED(%r15)
	done lock

func sse
	movups	TINY_VCPU_SRC + 16(%r15), %xmm0
	movq	%xmm0, %rax
	done_rax sse

	.balign	32, 0x06
helper:
	movl	$TINY_RET(F_call), %eax
	ret

func movs
	rep movsb
	mov	-TINY_MOVS_BYTES(%rdi), %rax
	movq	$0, -TINY_MOVS_BYTES(%rdi)
	done_rax movs

func straddle
	movq	$TINY_RET(F_straddle), TINY_VCPU_STRADDLED(%r15)
	xor	%eax, %eax
	xchg	%rax, TINY_VCPU_STRADDLED(%r15)
	done_rax straddle

func selfwrite
	incl	self_datum(%rip)
	done selfwrite
	.org	TINY_SELF_DATUM_OFF, 0x06
self_datum:
	.quad	0

func int3in
	nop
	.globl	f_int3in_at
f_int3in_at:
	int3
	done int3in

func int3first
	int3
	done int3first

func smc
	movl	$TINY_RET(F_smc), %eax
	done_rax smc

func vmcall
	vmcall				/* HYPERVISOR_xen_version(junk) */
	cmp	$-38, %rax		/* -ENOSYS */
	mov	$0, %eax
	mov	$TINY_RET(F_vmcall), %edx
	cmove	%edx, %eax
	done_rax vmcall

func ref
	.byte	0x0f, 0x1f, 0x44, 0x00, 0x00
	done ref

func remap
	nop
	done remap

	/* the same bytes again, in another frame */
	.org	TINY_REMAP_SPARE_OFF, 0x06
	nop
	movl	$TINY_RET(F_remap), %eax
	incq	TINY_VCPU_CALLS + 8 * F_remap(%r15)
	ret

func jmp
	jmp	1f
	ud2
1:	done jmp

func riprel
	mov	riprel_datum(%rip), %rax
	done_rax riprel

func cpuid
	cpuid
	done cpuid

func pushf
	pushfq
	pop	%rdx
	xor	%eax, %eax
	test	$0x100, %edx		/* TF: somebody's single step shows */
	jnz	1f
	movl	$TINY_RET(F_pushf), %eax
1:	done_rax pushf

func rdtsc
	rdtsc
	done rdtsc

func jcc
	jc	1f
	ud2
1:	done jcc

	.balign	32, 0x06
riprel_datum:
	.quad	TINY_RET(F_riprel)

func selfmod
	movb	$F_selfmod, 1f + 1(%rip)
1:	movl	$(TINY_RET(F_selfmod) & ~0xff), %eax
	movb	$0, 1b + 1(%rip)
	done_rax selfmod

	.org	TINY_CODE_PAGES * TINY_PAGE_BYTES, 0x06

	.org	TINY_DATA_GPA - TINY_CODE_GPA, 0
	.fill	TINY_PAGE_BYTES, 1, 0

	.section .note.GNU-stack, "", @progbits
