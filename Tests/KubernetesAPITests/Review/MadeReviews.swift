import KubernetesAPI
import NIOCore

/// Reviews made of the parts that a test is about.
enum MadeReviews {
    /// The least that an admission request needs.
    static let least = #""uid":"u","kind":{"version":"v1","kind":"K"},"operation":"CREATE""#

    static func admission(_ request: String?, apiVersion: String = "admission.k8s.io/v1") -> String {
        #"{"kind":"AdmissionReview","apiVersion":"\#(apiVersion)"\#(request.map { #","request":\#($0)"# } ?? "")}"#
    }

    static func admissionReview(_ fields: String, apiVersion: String = "admission.k8s.io/v1") throws -> AdmissionReview {
        try AdmissionReview(parsing: ByteBuffer(string: admission("{\(fields)}", apiVersion: apiVersion)))
    }

    static func conversion(_ request: String, apiVersion: String = "apiextensions.k8s.io/v1") -> String {
        #"{"kind":"ConversionReview","apiVersion":"\#(apiVersion)","request":\#(request)}"#
    }

    static func conversionReview(objects: String, apiVersion: String = "apiextensions.k8s.io/v1") throws -> ConversionReview {
        let request = #"{"uid":"u-1","desiredAPIVersion":"cache.my.domain/v1","objects":\#(objects)}"#
        return try ConversionReview(parsing: ByteBuffer(string: conversion(request, apiVersion: apiVersion)))
    }
}
