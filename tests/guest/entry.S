/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PVH entry, the way to long mode, the other vCPUs' entry and trap stubs.
 */
#include "tiny.h"

#define CS64		0x08
#define DS64		0x10
#define CS32		0x28
#define CR4_BITS	0x620		/* PAE, OSFXSR, OSXMMEXCPT */
#define CR0_BITS	0x80010033	/* PG, WP, NE, ET, MP, PE */
#define MSR_EFER	0xc0000080
#define PTE_LEAF_2M	0x87		/* present, writable, user's, large */
#define PTE_TABLE	0x07

	/* Xen reads the 32-bit entry point here: XEN_ELFNOTE_PHYS32_ENTRY */
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	start32

	.text
	.code32
	.globl	start32
start32:
	/*
	 * Interrupts on at once, and for ever: Bochs delivers no host
	 * interrupt while a guest runs with them off. None comes to us.
	 */
	movl	$TINY_STACK_GPA + TINY_STACK_BYTES, %esp
	sti
	cld

	/* identity map of the first GB; the tables come zeroed */
	movl	$TINY_PDPT_ID_GPA + PTE_TABLE, TINY_PML4_GPA
	movl	$TINY_PD_ID_GPA + PTE_TABLE, TINY_PDPT_ID_GPA
	movl	$TINY_PD_ID_GPA, %edi
	movl	$PTE_LEAF_2M, %eax
	movl	$512, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b

	movl	$CR4_BITS, %eax
	movl	%eax, %cr4
	movl	$TINY_PML4_GPA, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$0x100, %eax		/* LME */
	wrmsr
	movl	$CR0_BITS, %eax
	movl	%eax, %cr0
	lgdt	gdt_ptr
	ljmp	$CS64, $start64

	.code64
start64:
	mov	$DS64, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$TINY_STACK_GPA + TINY_STACK_BYTES, %esp
	xor	%ebp, %ebp
	call	tiny_main
1:	jmp	1b

	/* Other vCPUs: long mode and a stack are set, %edi = vCPU number. */
	.globl	ap_start
ap_start:
	lgdt	gdt_ptr
	mov	$DS64, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%ebp, %ebp
	pushq	$CS64
	pushq	$1f
	lretq
1:	call	ap_main
1:	jmp	1b

	/* Traps: every stub leaves vector and error code on the stack. */
	.set	vector, 0
	.globl	trap_stubs
	.balign	16
trap_stubs:
	.rept	32
	.balign	16
	.if	(0x60227d00 >> vector) & 1	/* the CPU pushes an error code */
	.else
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

trap_common:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	mov	%rsp, %rdi
	cld
	call	trap
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	iretq

	/* the guest kernel's own int3, for INT3 */
	.globl	own_int3, own_int3_at
own_int3:
own_int3_at:
	int3
	ret

	/*
	 * Calls the function at %r14 at CPL 3, with registers and flags as they
	 * are but for %r11. It comes back by SYSCALL, so no TSS is needed;
	 * cpl3_init() has said where to.
	 */
	.globl	call_at_cpl3, cpl3_return
call_at_cpl3:
	push	%rcx
	pushfq
	pop	%r11
	lea	1f(%rip), %rcx
	sysretq
1:	pop	%rcx
	call	*%r14
	syscall
cpl3_return:
	ret

	/*
	 * uint64_t flat_time(gpa, page, n): the TSC of n calls at %edi as func.S has
	 * them, in 32-bit code and without paging: what all guests start in, and a
	 * guest whose page tables Xen need not walk. Of the functions go those whose
	 * bytes are NOPL and JMP's: there the REX of INCQ is a DEC of %ecx, and its
	 * base %edi. R8 to R15 are lost on the way (SDM 1, 3.4.1.1).
	 */
	.globl	flat_time
flat_time:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%edi, %ebx
	mov	%esi, %edi
	mov	%edx, %esi
	pushq	$CS32
	pushq	$1f
	lretq
	.code32
1:	mov	%cr0, %eax
	btr	$31, %eax		/* PG, and with it LMA */
	mov	%eax, %cr0
	rdtsc
	push	%edx
	push	%eax
1:	call	*%ebx
	dec	%esi
	jnz	1b
	rdtsc
	pop	%ebx
	pop	%ebp
	sub	%ebx, %eax
	sbb	%ebp, %edx
	mov	%eax, %ebx
	mov	%cr0, %eax
	bts	$31, %eax
	mov	%eax, %cr0
	ljmp	$CS64, $1f
	.code64
1:	mov	%esp, %esp		/* its upper half may be anything */
	mov	%ebx, %eax
	shl	$32, %rdx
	or	%rdx, %rax
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	.balign	TINY_PAGE_BYTES
	.globl	hypercall_page
hypercall_page:
	.fill	TINY_PAGE_BYTES, 1, 0xf4

	.data
	.balign	16
gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* CS64 */
	.quad	0x00cf93000000ffff	/* DS64 */
	.quad	0x00cff3000000ffff	/* data at CPL 3 */
	.quad	0x00affb000000ffff	/* code at CPL 3 */
	.quad	0x00cf9b000000ffff	/* CS32 */
gdt_ptr:
	.word	. - gdt - 1
	.quad	gdt

	.section .note.GNU-stack, "", @progbits
